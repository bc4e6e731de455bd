package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Q4_K times 9-bit integers, 512 bits: w = d scale n - dmin min.
 *
 * <p>A super-block has 144 bytes: d and dmin (half precision), 12 bytes of eight 6-bit scales and mins, and 128 bytes of
 * nibbles, whose j-th 32 bytes hold group 2j low and 2j+1 high. The packed scales become 16 int lanes, scales then mins, by
 * one byte permute and two shifts. Nibbles are multiplied in pairs without a mask for the lower one, as in {@link
 * Q4_0Avx512}: n0 x0 + n1 x1 = (n0 + 256 n1) x0 + n1 (x1 - 256 x0). Four products sum to at most 4 * 15 * 255 =
 * 15,300.
 *
 * <p>Two rows that lie far apart share each load of activations, and two streams of weights come in faster than one.
 */
final class Q4_KAvx512 implements RowProduct {
    /** Lane i gets the byte with the low bits of scale i or min i - 8 as byte 0, and the one with its top bits as byte 1. */
    private static final ByteVector PACKED = Avx512.bytes(l -> Q4_KAvx512.packedByte(l / 4, l % 4));

    private static final IntVector LOW_SHIFT = Avx512.ints(i -> i >= 12 ? 4 : 0);
    private static final IntVector LOW_MASK = Avx512.ints(i -> i % 8 < 4 ? 63 : 15);
    private static final IntVector HIGH_MASK = Avx512.ints(i -> i % 8 < 4 ? 0 : 0x30);

    /** d for the scales' lanes, dmin for the mins'. */
    private static final ShortVector FACTOR = Avx512.shorts(l -> l < 16 ? 0 : 1);

    /** Lane i of plane z is of group 4 (z / 2) + 2 (i / 8) + z % 2. */
    private static final IntVector GROUP_0 = Avx512.ints(i -> 2 * (i / 8));

    private static final IntVector GROUP_1 = Avx512.ints(i -> 2 * (i / 8) + 1);
    private static final IntVector GROUP_2 = Avx512.ints(i -> 2 * (i / 8) + 4);
    private static final IntVector GROUP_3 = Avx512.ints(i -> 2 * (i / 8) + 5);

    /** Where in a super-block byte {@code part} of lane {@code i} of {@link #PACKED} comes from. */
    static int packedByte(int i, int part) {
        int j = i % 8;
        boolean min = i >= 8;
        return switch (part) {
            case 0 -> 4 + (j < 4 && !min ? j : j + 4);
            case 1 -> 4 + (j < 4 || min ? j : j - 4);
            default -> 0; // masked away
        };
    }

    @Override
    public ActivationFormat format() {
        return SuperBlocks.Q4_K;
    }

    @Override
    public boolean paired() {
        return true;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 256;
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector factor = FACTOR;
        ByteVector packed = PACKED;
        IntVector lowShift = LOW_SHIFT;
        IntVector lowMask = LOW_MASK;
        IntVector highMask = HIGH_MASK;
        IntVector group0 = GROUP_0;
        IntVector group1 = GROUP_1;
        IntVector group2 = GROUP_2;
        IntVector group3 = GROUP_3;
        ShortVector by4 = ShortVector.broadcast(S, (short) 4);
        IntVector halfMask = IntVector.broadcast(I, Avx512.HALF_MASK);
        ShortVector nibbles = ShortVector.broadcast(S, (short) 0x0f0f);
        IntVector both = IntVector.broadcast(I, Avx512.BOTH_HALVES);
        IntVector upper = IntVector.broadcast(I, Avx512.UPPER_HALF);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a0 = FloatVector.zero(F);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            for (int v = 0; v < blocks; v++) {
                long p = row + v * 144L;
                long at = x + v * (long) SuperBlocks.RECORD;
                ByteVector head = ByteVector.fromMemorySegment(B, ALL, p, LE);
                IntVector i = packed.selectFrom(head).reinterpretAsInts();
                i = i.lanewise(LSHR, lowShift)
                        .and(lowMask)
                        .or(i.lanewise(LSHR, 10).and(highMask));
                FloatVector d0 = ((FloatVector) i.convertShape(I2F, F, 0))
                        .mul(factor.selectFrom(head.reinterpretAsShorts())
                                .reinterpretAsInts()
                                .lanewise(ASHR, 3)
                                .and(halfMask)
                                .reinterpretAsFloats());
                head = ByteVector.fromMemorySegment(B, ALL, p + far, LE);
                i = packed.selectFrom(head).reinterpretAsInts();
                i = i.lanewise(LSHR, lowShift)
                        .and(lowMask)
                        .or(i.lanewise(LSHR, 10).and(highMask));
                FloatVector d1 = ((FloatVector) i.convertShape(I2F, F, 0))
                        .mul(factor.selectFrom(head.reinterpretAsShorts())
                                .reinterpretAsInts()
                                .lanewise(ASHR, 3)
                                .and(halfMask)
                                .reinterpretAsFloats());
                FloatVector sums = FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SUMS, LE);
                FloatVector scales = FloatVector.fromMemorySegment(F, ALL, at + SuperBlocks.SCALES, LE);
                b0 = d0.fma(sums, b0);
                IntVector scales0 = d0.mul(scales).reinterpretAsInts();
                b1 = d1.fma(sums, b1);
                IntVector scales1 = d1.mul(scales).reinterpretAsInts();
                ShortVector q0 = ShortVector.fromMemorySegment(S, ALL, p + 16, LE);
                ShortVector s0 = q0.and(nibbles);
                ShortVector q1 = ShortVector.fromMemorySegment(S, ALL, p + 16 + far, LE);
                ShortVector s1 = q1.and(nibbles);
                ShortVector c = ShortVector.fromMemorySegment(S, ALL, at, LE);
                ShortVector u0 = s0.mul(c);
                ShortVector u1 = s1.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, at + 64, LE);
                IntVector t0 = u0.add(s0.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                a0 = ((FloatVector) t0.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group0.selectFrom(scales0).reinterpretAsFloats(), a0);
                IntVector t1 = u1.add(s1.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                a1 = ((FloatVector) t1.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group0.selectFrom(scales1).reinterpretAsFloats(), a1);
                s0 = q0.lanewise(LSHR, by4).and(nibbles);
                s1 = q1.lanewise(LSHR, by4).and(nibbles);
                c = ShortVector.fromMemorySegment(S, ALL, at + 128, LE);
                u0 = s0.mul(c);
                u1 = s1.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, at + 192, LE);
                t0 = u0.add(s0.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                b0 = ((FloatVector) t0.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group1.selectFrom(scales0).reinterpretAsFloats(), b0);
                t1 = u1.add(s1.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                b1 = ((FloatVector) t1.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group1.selectFrom(scales1).reinterpretAsFloats(), b1);
                q0 = ShortVector.fromMemorySegment(S, ALL, p + 80, LE);
                s0 = q0.and(nibbles);
                q1 = ShortVector.fromMemorySegment(S, ALL, p + 80 + far, LE);
                s1 = q1.and(nibbles);
                c = ShortVector.fromMemorySegment(S, ALL, at + 256, LE);
                u0 = s0.mul(c);
                u1 = s1.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, at + 320, LE);
                t0 = u0.add(s0.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                a0 = ((FloatVector) t0.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group2.selectFrom(scales0).reinterpretAsFloats(), a0);
                t1 = u1.add(s1.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                a1 = ((FloatVector) t1.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group2.selectFrom(scales1).reinterpretAsFloats(), a1);
                s0 = q0.lanewise(LSHR, by4).and(nibbles);
                s1 = q1.lanewise(LSHR, by4).and(nibbles);
                c = ShortVector.fromMemorySegment(S, ALL, at + 384, LE);
                u0 = s0.mul(c);
                u1 = s1.mul(c);
                c = ShortVector.fromMemorySegment(S, ALL, at + 448, LE);
                t0 = u0.add(s0.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                b0 = ((FloatVector) t0.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group3.selectFrom(scales0).reinterpretAsFloats(), b0);
                t1 = u1.add(s1.lanewise(LSHR, by8).mul(c)).reinterpretAsInts();
                b1 = ((FloatVector) t1.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(group3.selectFrom(scales1).reinterpretAsFloats(), b1);
            }
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a0 = a0.add(Avx512.SWAP_8.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_4.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_2.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            a0 = a0.add(Avx512.SWAP_1.selectFrom(a0.reinterpretAsInts()).reinterpretAsFloats());
            a1 = a1.add(Avx512.SWAP_8.selectFrom(a1.reinterpretAsInts()).reinterpretAsFloats());
            a1 = a1.add(Avx512.SWAP_4.selectFrom(a1.reinterpretAsInts()).reinterpretAsFloats());
            a1 = a1.add(Avx512.SWAP_2.selectFrom(a1.reinterpretAsInts()).reinterpretAsFloats());
            a1 = a1.add(Avx512.SWAP_1.selectFrom(a1.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a0.lane(0));
            ALL.set(FLOAT, y + 4L * r + yFar, a1.lane(0));
        }
    }
}
