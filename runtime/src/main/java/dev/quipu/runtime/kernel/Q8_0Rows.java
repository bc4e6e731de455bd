package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.B2F;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Q8_0 times floats, any width: w = d n. A block has 34 bytes: d (half precision), 32 signed bytes. */
final class Q8_0Rows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    private static final IntVector SWAP_8 = LaneSwap.of(I, 8);
    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    @Override
    public ActivationFormat format() {
        return FloatActivations.PLAIN;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 32;
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < blocks; v++) {
                long p = row + 34L * v + 2;
                long at = 128L * v;
                FloatVector s = ((FloatVector)
                                ByteVector.fromMemorySegment(B, ALL, p, LE).convertShape(B2F, F, 0))
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at, LE));
                FloatVector t = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, p + LANES, LE)
                                .convertShape(B2F, F, 0))
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 4 * LANES, LE));
                if (LANES == 8) {
                    s = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, p + 16, LE)
                                    .convertShape(B2F, F, 0))
                            .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 64, LE), s);
                    t = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, p + 24, LE)
                                    .convertShape(B2F, F, 0))
                            .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 96, LE), t);
                }
                FloatVector d = FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p - 2)));
                a = s.fma(d, a);
                b = t.fma(d, b);
            }
            a = a.add(b);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            if (LANES == 16) {
                a = a.add(SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            }
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
