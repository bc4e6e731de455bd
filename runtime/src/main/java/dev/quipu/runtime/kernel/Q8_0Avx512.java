package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q8_0 times 8-bit integers, 512 bits: w = d n. A block has 34 bytes: d (half precision), 32 signed bytes.
 *
 * <p>Two blocks fill a vector. A short of it becomes q = n0 + 128 + 256 n1 by {@code ^ 128}, and so meets both activations without being
 * taken apart, as in {@link FifthBitAvx512}:
 *
 * <pre>n0 x0 + n1 x1 = q x0 + n1 (x1 - 256 x0) - 128 x0, modulo 2^16</pre>
 *
 * One multiplication adds four such sums ({@link ByteBlocks}), and those of two rows come together as in {@link IQ4_NLAvx512}.
 */
final class Q8_0Avx512 implements RowProduct {
    /** Short k of block b's bytes, in the first 64 bytes of two blocks or in those from byte 4 on. */
    private static final ShortVector BYTES = Avx512.window(2, l -> 17 * (l / 16) + 1 + l % 16);

    /** d of the lane's row and block, in both shorts of an int, since only the high one counts. */
    private static final ShortVector SCALE = Avx512.shorts(l -> 17 * (l / 16) + (l % 4 < 2 ? 32 : 0));

    @Override
    public ActivationFormat format() {
        return ByteBlocks.Q8_0;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + ByteBlocks.records(columns) * (long) ByteBlocks.RECORD;
        ShortVector bytes = BYTES;
        ShortVector scale = SCALE;
        ShortVector by2 = ShortVector.broadcast(S, (short) 2);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector sign = ShortVector.broadcast(S, (short) ByteBlocks.BIAS);
        LongVector ones = LongVector.broadcast(L, Polynomials.ONES);
        IntVector offset = IntVector.broadcast(I, ByteBlocks.OFFSET);
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            ShortVector h0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
            ShortVector k0 = ShortVector.fromMemorySegment(S, ALL, p + 4, LE);
            ShortVector h1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
            ShortVector k1 = ShortVector.fromMemorySegment(S, ALL, p + far + 4, LE);
            for (long at = x; at != end; at += ByteBlocks.RECORD) {
                ShortVector x0 = ShortVector.fromMemorySegment(S, ALL, at, LE);
                ShortVector x1 = ShortVector.fromMemorySegment(S, ALL, at + 64, LE);
                ShortVector c = ShortVector.fromMemorySegment(S, ALL, at + ByteBlocks.CONSTANT, LE);
                FloatVector d = FloatVector.fromMemorySegment(F, ALL, at + ByteBlocks.SCALES, LE);
                ShortVector q0 = bytes.selectFrom(h0, k0);
                LongVector t = q0.lanewise(XOR, sign)
                        .mul(x0)
                        .add(c)
                        .add(q0.lanewise(ASHR, by8).mul(x1))
                        .lanewise(LSHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                ShortVector q1 = bytes.selectFrom(h1, k1);
                LongVector u = q1.lanewise(XOR, sign)
                        .mul(x0)
                        .add(c)
                        .add(q1.lanewise(ASHR, by8).mul(x1))
                        .lanewise(LSHR, by2)
                        .reinterpretAsLongs()
                        .mul(ones);
                FloatVector e = scale.selectFrom(h0, h1)
                        .reinterpretAsInts()
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats();
                a = ((FloatVector) both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                                .sub(offset)
                                .convertShape(I2F, F, 0))
                        .fma(e.mul(d), a);
                // The next weights already: all else waits for them longer than the processor looks ahead.
                p += 68;
                h0 = ShortVector.fromMemorySegment(S, ALL, p, LE);
                k0 = ShortVector.fromMemorySegment(S, ALL, p + 4, LE);
                h1 = ShortVector.fromMemorySegment(S, ALL, p + far, LE);
                k1 = ShortVector.fromMemorySegment(S, ALL, p + far + 4, LE);
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(1));
            ALL.set(FLOAT, y + 4L * r + yFar, a.lane(0));
        }
    }
}
