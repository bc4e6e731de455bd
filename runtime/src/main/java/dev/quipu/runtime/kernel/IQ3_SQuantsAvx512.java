package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** As {@link IQ3_SQuants}, at 512 bits: points are looked up as in {@link IQ3_SAvx512}, and q = 2 n - 15. */
final class IQ3_SQuantsAvx512 implements QuantUnpacker {
    private static final VectorSpecies<Byte> B32 = ByteVector.SPECIES_256;
    private static final VectorSpecies<Float> F8 = Avx512.F8;
    private static final VectorSpecies<Integer> I8 = IntVector.SPECIES_256;

    private static final ByteVector ZERO = ByteVector.zero(B);
    private static final ShortVector BY_4 = ShortVector.broadcast(S, (short) 4);

    /** From both tables' nibbles: columns 0 and 1 of a point as bytes 1 and 3 of an int, columns 2 and 3 likewise; for all 64 points. */
    private static final byte[] POINTS = points();

    /** Brings the lower nibble of a short's upper byte to place 1, in odd lanes the upper one. */
    private static final ShortVector NIBBLE = Avx512.shorts(i -> i % 2 == 0 ? 7 : 11);

    private static final IntVector TWICE = IntVector.broadcast(I, 0x001e001e);
    private static final IntVector CENTRE = IntVector.broadcast(I, (IQ3_SQuants.LARGEST << 16) + IQ3_SQuants.LARGEST);

    /** Rotates scale i to place 1. */
    private static final IntVector SCALE = Lanes.iota(I8).mul(4).sub(1);

    private static final IntVector THIRTY = IntVector.broadcast(I8, 30);
    private static final IntVector ONE = IntVector.broadcast(I8, 1);

    private static byte[] points() {
        byte[] points = new byte[8 * 64];
        for (int i = 0; i < points.length; i++) {
            points[i] = (byte) (i / 8 + i / 4 % 2 * 64);
        }
        return points;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return IQ3_SQuants.LARGEST;
    }

    @Override
    public void unpack(
            MemorySegment w,
            long offset,
            int[] pairs,
            int pairsOffset,
            float[] scales,
            int scalesOffset,
            float[] minima,
            int minimaOffset,
            int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 110L * block;
            IntVector k = IntVector.broadcast(I8, ALL.get(Lanes.INT, p + 106))
                    .lanewise(ROR, SCALE)
                    .and(THIRTY)
                    .or(ONE);
            ((FloatVector) k.convertShape(I2F, F8, 0))
                    .mul(Float.float16ToFloat(ALL.get(Lanes.SHORT, p)))
                    .intoArray(scales, scalesOffset + 8 * block);
            ByteVector index = ByteVector.fromMemorySegment(B, ALL, p + 2, LE);
            VectorMask<Byte> bit7 = index.compare(LT, ZERO);
            VectorMask<Byte> bit8 = VectorMask.fromLong(B, ALL.get(Lanes.LONG, p + 66));
            ShortVector two = (ShortVector)
                    ByteVector.fromMemorySegment(B32, ALL, p + 74, LE).convertShape(ZERO_EXTEND_B2S, S, 0);
            ByteVector signs = two.or(two.lanewise(LSHL, BY_4)).reinterpretAsBytes();
            ByteVector a = index.selectFrom(IQ3_SGrid.A0, IQ3_SGrid.A1)
                    .blend(index.selectFrom(IQ3_SGrid.A2, IQ3_SGrid.A3), bit7)
                    .blend(
                            index.selectFrom(IQ3_SGrid.A4, IQ3_SGrid.A5)
                                    .blend(index.selectFrom(IQ3_SGrid.A6, IQ3_SGrid.A7), bit7),
                            bit8)
                    .lanewise(XOR, signs.selectFrom(IQ3_SGrid.SIGNS_A));
            ByteVector c = index.selectFrom(IQ3_SGrid.C0, IQ3_SGrid.C1)
                    .blend(index.selectFrom(IQ3_SGrid.C2, IQ3_SGrid.C3), bit7)
                    .blend(
                            index.selectFrom(IQ3_SGrid.C4, IQ3_SGrid.C5)
                                    .blend(index.selectFrom(IQ3_SGrid.C6, IQ3_SGrid.C7), bit7),
                            bit8)
                    .lanewise(XOR, signs.selectFrom(IQ3_SGrid.SIGNS_C));
            int at = pairsOffset + 128 * block;
            for (int i = 0; i < 8; i++) {
                ByteVector.fromArray(B, POINTS, 64 * i)
                        .selectFrom(a, c)
                        .reinterpretAsShorts()
                        .lanewise(LSHR, NIBBLE)
                        .reinterpretAsInts()
                        .and(TWICE)
                        .sub(CENTRE)
                        .intoArray(pairs, at + 16 * i);
            }
        }
    }
}
