package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.EXPONENT;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
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
 * TQ1_0 times floats, any width: w = d (n - 1). A super-block has 54 bytes of five base-3 digits each, and d (half precision): the
 * first 32 bytes' digit n for column 32 n + i, the next 16 bytes' for column 160 + 16 n + i, the last four bytes' (of which four
 * digits count) for column 240 + 4 n + i. Digit n of a byte is the carry of 3 (b 3^n mod 256).
 */
final class TQ1_0Rows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    private static final IntVector SWAP_8 = LaneSwap.of(I, 8);
    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    /** Ints that are as long as {@link #LANES} bytes. */
    private static final VectorSpecies<Integer> PIECE = VectorSpecies.of(int.class, B.vectorShape());

    /** 3^n for the last 16 columns. */
    private static final int[] POWERS = {1, 1, 1, 1, 3, 3, 3, 3, 9, 9, 9, 9, 27, 27, 27, 27};

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
        IntVector three = IntVector.broadcast(I, 3);
        IntVector exponent = IntVector.broadcast(I, EXPONENT);
        FloatVector bias = FloatVector.broadcast(F, TWO_23 + 1);
        IntVector low = IntVector.broadcast(I, 255);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int i = 0; i < columns / 256 * 48; i += LANES) {
                int v = i / 48;
                int in = i % 48;
                long p = row + 54L * v;
                long at = 1024L * v + (in < 32 ? 4 * in : 4 * in + 512);
                int next = in < 32 ? 128 : 64;
                FloatVector d = FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p + 52)));
                IntVector q = ((IntVector)
                                ByteVector.fromMemorySegment(B, ALL, p + in, LE).convertShape(ZERO_EXTEND_B2I, I, 0))
                        .mul(three);
                FloatVector s = q.lanewise(LSHR, 8)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at, LE));
                q = q.and(low).mul(three);
                FloatVector t = q.lanewise(LSHR, 8)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at + next, LE));
                q = q.and(low).mul(three);
                s = q.lanewise(LSHR, 8)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 2 * next, LE), s);
                q = q.and(low).mul(three);
                t = q.lanewise(LSHR, 8)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 3 * next, LE), t);
                q = q.and(low).mul(three);
                s = q.lanewise(LSHR, 8)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 4 * next, LE), s);
                a = s.fma(d, a);
                b = t.fma(d, b);
            }
            for (int i = 0; i < columns / 16; i += LANES) {
                long p = row + 54L * (i / 16);
                IntVector q = ((IntVector) IntVector.broadcast(PIECE, ALL.get(INT, p + 48))
                                .reinterpretAsBytes()
                                .convertShape(ZERO_EXTEND_B2I, I, 0))
                        .mul(IntVector.fromArray(I, POWERS, i & 15))
                        .and(low)
                        .mul(three);
                b = q.lanewise(LSHR, 8)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + 1024L * (i / 16) + 960 + 4 * (i & 15), LE))
                        .fma(FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p + 52))), b);
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
