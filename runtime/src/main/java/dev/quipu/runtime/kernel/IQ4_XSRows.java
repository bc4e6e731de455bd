package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B16;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.B2F;
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
 * IQ4_XS times floats, any width: w = d (scale - 32) value[n]. A super-block has 136 bytes: d (half precision), the upper two bits
 * of eight scales, their lower four, and eight times 16 bytes of a nibble each for column i and i + 16.
 */
final class IQ4_XSRows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    private static final IntVector SWAP_8 = LaneSwap.of(I, 8);
    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    private static final ByteVector VALUES = CodeBooks.IQ4_NL;

    /** The values as floats, where a vector has 16. */
    private static final IntVector FLOATS = Lanes.floatBits(I, VALUES);

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
        int blocks = columns / 256;
        IntVector nibble = IntVector.broadcast(I, 15);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < blocks; v++) {
                long p = row + 136L * v;
                long at = 1024L * v;
                float factor = Float.float16ToFloat(ALL.get(SHORT, p));
                int upper = ALL.get(SHORT, p + 2);
                int lower = ALL.get(INT, p + 4);
                for (int g = 0; g < 8; g++) {
                    FloatVector s;
                    FloatVector t;
                    FloatVector d;
                    if (LANES == 16) {
                        IntVector q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 8 + 16 * g, LE)
                                .convertShape(ZERO_EXTEND_B2I, I, 0));
                        s = q.and(nibble)
                                .selectFrom(FLOATS)
                                .reinterpretAsFloats()
                                .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 128 * g, LE));
                        t = q.lanewise(LSHR, 4)
                                .selectFrom(FLOATS)
                                .reinterpretAsFloats()
                                .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 128 * g + 64, LE));
                    } else {
                        ByteVector q = ByteVector.fromMemorySegment(B16, ALL, p + 8 + 16 * g, LE);
                        ByteVector low = q.and((byte) 15).selectFrom(VALUES);
                        ByteVector high = q.reinterpretAsInts()
                                .lanewise(LSHR, 4)
                                .reinterpretAsBytes()
                                .and((byte) 15)
                                .selectFrom(VALUES);
                        s = ((FloatVector) low.convertShape(B2F, F, 0))
                                .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 128 * g, LE));
                        t = ((FloatVector) low.convertShape(B2F, F, 1))
                                .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 128 * g + 32, LE));
                        s = ((FloatVector) high.convertShape(B2F, F, 0))
                                .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 128 * g + 64, LE), s);
                        t = ((FloatVector) high.convertShape(B2F, F, 1))
                                .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 128 * g + 96, LE), t);
                    }
                    d = FloatVector.broadcast(F, factor * ((lower >>> 4 * g & 15 | (upper >>> 2 * g & 3) << 4) - 32));
                    a = s.fma(d, a);
                    b = t.fma(d, b);
                }
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
