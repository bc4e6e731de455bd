package dev.quipu.runtime.kernel;

import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q4_0, w = d (n - 8), and Q4_1, w = d n + m, times 9-bit integers, 512 bits.
 *
 * <p>A block is 9 shorts, d and eight of four nibbles, or 10, with m behind d. One load takes three blocks. A short q =
 * n0 + 16 n1 + 256 n2 + 4096 n3 meets its four activations without masks, since 16-bit arithmetic wraps and only the end
 * must fit:
 *
 * <pre>n0 x0 + n1 x1 + n2 x2 + n3 x3 = q x0 + (q >>> 4)(x1 - 16 x0) + (q >>> 8)(x2 - 16 x1) + (q >>> 12)(x3 - 16 x2)</pre>
 *
 * The activations ({@link TripleBlocks}) hold those four factors and, as a fifth, a constant to add; they are zero where
 * the short is a scale. Q4_0's constant is -8 (x0 + x1 + x2 + x3). In Q4_1 an int lane with d and m has no nibbles; its
 * constant is the sum of the block's activations, and its scale m where that of the others is d. Two neighbours sum to at
 * most 8 * 15 * 255 = 30,600.
 */
final class NibbleBlocksAvx512 implements RowProduct {
    private final TripleBlocks format;
    private final long stepBytes;
    private final short[] scaleOfLane = new short[32];

    NibbleBlocksAvx512(TripleBlocks format) {
        this.format = format;
        int blockShorts = format.blockShorts();
        this.stepBytes = 3L * 2 * blockShorts;
        for (int i = 0; i < 16; i++) {
            int block = Math.min(2, 2 * i / blockShorts);
            boolean minimum = format.hasMinimum() && 2 * i % blockShorts == 0;
            // Both shorts of an int lane, since only the high one counts.
            scaleOfLane[2 * i] = scaleOfLane[2 * i + 1] = (short) (block * blockShorts + (minimum ? 1 : 0));
        }
    }

    @Override
    public ActivationFormat format() {
        return format;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(
            MemorySegment w,
            long offset,
            long far,
            long rowBytes,
            int count,
            MemorySegment x,
            int columns,
            MemorySegment y,
            long yOffset,
            long yFar) {
        int steps = TripleBlocks.records(columns);
        long stepBytes = this.stepBytes;
        ShortVector by4 = ShortVector.broadcast(S, (short) 4);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector by12 = ShortVector.broadcast(S, (short) 12);
        ShortVector scale = ShortVector.fromArray(S, scaleOfLane, 0);
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        for (int r = 0; r < count; r++) {
            long row = offset + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < steps; v++) {
                long p = row + v * stepBytes;
                long at = v * (long) TripleBlocks.RECORD;
                ShortVector q = ShortVector.fromMemorySegment(S, w, p, LE);
                ShortVector k = ShortVector.fromMemorySegment(S, w, p + far, LE);
                ShortVector c = ShortVector.fromMemorySegment(S, x, at, LE);
                ShortVector s = q.mul(c);
                ShortVector t = k.mul(c);
                c = ShortVector.fromMemorySegment(S, x, at + 64, LE);
                s = s.add(q.lanewise(LSHR, by4).mul(c));
                t = t.add(k.lanewise(LSHR, by4).mul(c));
                c = ShortVector.fromMemorySegment(S, x, at + 128, LE);
                s = s.add(q.lanewise(LSHR, by8).mul(c));
                t = t.add(k.lanewise(LSHR, by8).mul(c));
                c = ShortVector.fromMemorySegment(S, x, at + 192, LE);
                s = s.add(q.lanewise(LSHR, by12).mul(c));
                t = t.add(k.lanewise(LSHR, by12).mul(c));
                c = ShortVector.fromMemorySegment(S, x, at + 256, LE);
                FloatVector d = FloatVector.fromMemorySegment(F, x, at + 320, LE);
                IntVector i = s.add(c).reinterpretAsInts();
                IntVector j = t.add(c).reinterpretAsInts();
                a = ((FloatVector)
                                i.add(i.lanewise(LSHL, 16)).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(
                                scale.selectFrom(q)
                                        .reinterpretAsInts()
                                        .lanewise(ASHR, 3)
                                        .and(halfMask)
                                        .reinterpretAsFloats()
                                        .mul(d),
                                a);
                b = ((FloatVector)
                                j.add(j.lanewise(LSHL, 16)).lanewise(ASHR, 16).convertShape(I2F, F, 0))
                        .fma(
                                scale.selectFrom(k)
                                        .reinterpretAsInts()
                                        .lanewise(ASHR, 3)
                                        .and(halfMask)
                                        .reinterpretAsFloats()
                                        .mul(d),
                                b);
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none. Row a ends in lane 0, b in 8.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats())
                    .blend(b.add(Avx512.SWAP_8.selectFrom(b.reinterpretAsInts()).reinterpretAsFloats()), Avx512.UPPER);
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            y.set(FLOAT, yOffset + 4L * r, a.lane(0));
            y.set(FLOAT, yOffset + yFar + 4L * r, a.lane(8));
        }
    }
}
