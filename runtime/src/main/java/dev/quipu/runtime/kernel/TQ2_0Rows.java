package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.EXPONENT;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static dev.quipu.runtime.kernel.Lanes.TWO_23;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * TQ2_0 times floats, any width: w = d (n - 1). A super-block has 66 bytes: 64 of bit pairs, pair j of byte i of each half for column
 * 32 j + i, and d (half precision).
 */
final class TQ2_0Rows implements RowProduct {
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
        IntVector pair = IntVector.broadcast(I, 3);
        IntVector exponent = IntVector.broadcast(I, EXPONENT);
        FloatVector bias = FloatVector.broadcast(F, TWO_23 + 1);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int i = 0; i < columns / 4; i += LANES) {
                long block = row + 66L * (i / 64);
                long at = 512L * (i / 32) + 4 * (i & 31);
                IntVector q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, block + (i & 63), LE)
                        .convertShape(ZERO_EXTEND_B2I, I, 0));
                FloatVector s = q.and(pair)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at, LE));
                FloatVector t = q.lanewise(LSHR, 2)
                        .and(pair)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 128, LE));
                s = q.lanewise(LSHR, 4)
                        .and(pair)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 256, LE), s);
                t = q.lanewise(LSHR, 6)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 384, LE), t);
                FloatVector d = FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, block + 64)));
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
