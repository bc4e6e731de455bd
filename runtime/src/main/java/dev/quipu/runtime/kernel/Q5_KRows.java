package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.EXPONENT;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static dev.quipu.runtime.kernel.Lanes.TWO_23;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Q5_K times floats, any width: w = d scale n - dmin min. {@link Q5_KAvx512} has the layout. */
final class Q5_KRows implements RowProduct {
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
        IntVector nibble = IntVector.broadcast(I, 15);
        IntVector one = IntVector.broadcast(I, 1);
        IntVector exponent = IntVector.broadcast(I, EXPONENT);
        FloatVector bias = FloatVector.broadcast(F, TWO_23);
        IntVector two = IntVector.broadcast(I, 2);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < columns / 256; v++) {
                long p = row + 176L * v;
                float d = Float.float16ToFloat(ALL.get(SHORT, p));
                float e = -Float.float16ToFloat(ALL.get(SHORT, p + 2));
                int k0 = ALL.get(INT, p + 4);
                int k1 = ALL.get(INT, p + 8);
                int k2 = ALL.get(INT, p + 12);
                // Eight scales and eight mins, a byte each.
                long scales = k0 & 0x3f3f3f3fL | (k2 & 0x0f0f0f0fL | k0 >>> 2 & 0x30303030L) << 32;
                long mins = k1 & 0x3f3f3f3fL | (k2 >>> 4 & 0x0f0f0f0fL | k1 >>> 2 & 0x30303030L) << 32;
                for (int g = 0; g < 4; g++) {
                    long nibbles = p + 48 + 32 * g;
                    long at = 1024L * v + 256 * g;
                    FloatVector d0 = FloatVector.broadcast(F, d * (scales >>> 16 * g & 255));
                    FloatVector d1 = FloatVector.broadcast(F, d * (scales >>> 16 * g + 8 & 255));
                    FloatVector e0 = FloatVector.broadcast(F, e * (mins >>> 16 * g & 255));
                    FloatVector e1 = FloatVector.broadcast(F, e * (mins >>> 16 * g + 8 & 255));
                    IntVector q = ((IntVector)
                            ByteVector.fromMemorySegment(B, ALL, nibbles, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                    IntVector h = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 16, LE)
                                    .convertShape(ZERO_EXTEND_B2I, I, 0))
                            .lanewise(LSHR, 2 * g);
                    a = q.and(nibble)
                            .or(h.and(one).lanewise(LSHL, 4))
                            .or(exponent)
                            .reinterpretAsFloats()
                            .sub(bias)
                            .fma(d0, e0)
                            .fma(FloatVector.fromMemorySegment(F, ALL, x + at, LE), a);
                    b = q.lanewise(LSHR, 4)
                            .or(h.and(two).lanewise(LSHL, 3))
                            .or(exponent)
                            .reinterpretAsFloats()
                            .sub(bias)
                            .fma(d1, e1)
                            .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 128, LE), b);
                    q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, nibbles + LANES, LE)
                            .convertShape(ZERO_EXTEND_B2I, I, 0));
                    h = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 16 + LANES, LE)
                                    .convertShape(ZERO_EXTEND_B2I, I, 0))
                            .lanewise(LSHR, 2 * g);
                    a = q.and(nibble)
                            .or(h.and(one).lanewise(LSHL, 4))
                            .or(exponent)
                            .reinterpretAsFloats()
                            .sub(bias)
                            .fma(d0, e0)
                            .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 4 * LANES, LE), a);
                    b = q.lanewise(LSHR, 4)
                            .or(h.and(two).lanewise(LSHL, 3))
                            .or(exponent)
                            .reinterpretAsFloats()
                            .sub(bias)
                            .fma(d1, e1)
                            .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 4 * LANES + 128, LE), b);
                    if (LANES == 8) {
                        q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, nibbles + 16, LE)
                                .convertShape(ZERO_EXTEND_B2I, I, 0));
                        h = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 16 + 16, LE)
                                        .convertShape(ZERO_EXTEND_B2I, I, 0))
                                .lanewise(LSHR, 2 * g);
                        a = q.and(nibble)
                                .or(h.and(one).lanewise(LSHL, 4))
                                .or(exponent)
                                .reinterpretAsFloats()
                                .sub(bias)
                                .fma(d0, e0)
                                .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 64, LE), a);
                        b = q.lanewise(LSHR, 4)
                                .or(h.and(two).lanewise(LSHL, 3))
                                .or(exponent)
                                .reinterpretAsFloats()
                                .sub(bias)
                                .fma(d1, e1)
                                .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 192, LE), b);
                        q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, nibbles + 24, LE)
                                .convertShape(ZERO_EXTEND_B2I, I, 0));
                        h = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 16 + 24, LE)
                                        .convertShape(ZERO_EXTEND_B2I, I, 0))
                                .lanewise(LSHR, 2 * g);
                        a = q.and(nibble)
                                .or(h.and(one).lanewise(LSHL, 4))
                                .or(exponent)
                                .reinterpretAsFloats()
                                .sub(bias)
                                .fma(d0, e0)
                                .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 96, LE), a);
                        b = q.lanewise(LSHR, 4)
                                .or(h.and(two).lanewise(LSHL, 3))
                                .or(exponent)
                                .reinterpretAsFloats()
                                .sub(bias)
                                .fma(d1, e1)
                                .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 224, LE), b);
                    }
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
