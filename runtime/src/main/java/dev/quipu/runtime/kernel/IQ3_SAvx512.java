package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.L;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * IQ3_S times 9-bit integers, 512 bits: w = d (1 + 2 scale) (2 n - 15). {@link IQ3_SRows} has the layout.
 *
 * <p>All 64 indices of a super-block are looked up at once, each in all quarters of both tables of {@link IQ3_SGrid}, of which
 * bits 7 and 8 of the index choose.
 */
final class IQ3_SAvx512 implements RowProduct {
    private static final VectorSpecies<Byte> B32 = ByteVector.SPECIES_256;

    private static final ByteVector ZERO = ByteVector.zero(B);

    /** Rotates scale i / 2 to place 1. */
    private static final IntVector SCALE = Avx512.ints(i -> i / 2 * 4 - 1);

    @Override
    public ActivationFormat format() {
        return GridBlocks.IQ3_S;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long end = x + columns / 256 * (long) GridBlocks.RECORD;
        ByteVector a0 = IQ3_SGrid.A0;
        ByteVector a1 = IQ3_SGrid.A1;
        ByteVector a2 = IQ3_SGrid.A2;
        ByteVector a3 = IQ3_SGrid.A3;
        ByteVector a4 = IQ3_SGrid.A4;
        ByteVector a5 = IQ3_SGrid.A5;
        ByteVector a6 = IQ3_SGrid.A6;
        ByteVector a7 = IQ3_SGrid.A7;
        ByteVector c0 = IQ3_SGrid.C0;
        ByteVector c1 = IQ3_SGrid.C1;
        ByteVector c2 = IQ3_SGrid.C2;
        ByteVector c3 = IQ3_SGrid.C3;
        ByteVector c4 = IQ3_SGrid.C4;
        ByteVector c5 = IQ3_SGrid.C5;
        ByteVector c6 = IQ3_SGrid.C6;
        ByteVector c7 = IQ3_SGrid.C7;
        ByteVector signsA = IQ3_SGrid.SIGNS_A;
        ByteVector signsC = IQ3_SGrid.SIGNS_C;
        ByteVector zero = ZERO;
        IntVector scale = SCALE;
        IntVector both = Avx512.UPPER_OF_BOTH;
        IntVector thirty = IntVector.broadcast(I, 30);
        IntVector one = IntVector.broadcast(I, 1);
        ShortVector by4 = ShortVector.broadcast(S, (short) 4);
        ShortVector by8 = ShortVector.broadcast(S, (short) 8);
        ShortVector by12 = ShortVector.broadcast(S, (short) 12);
        for (int r = 0; r < count; r++) {
            FloatVector sum = FloatVector.zero(F);
            long p = w + r * rowBytes;
            for (long at = x; at != end; at += GridBlocks.RECORD) {
                ByteVector index = ByteVector.fromMemorySegment(B, ALL, p + 2, LE);
                VectorMask<Byte> bit7 = index.compare(LT, zero);
                VectorMask<Byte> bit8 = VectorMask.fromLong(B, ALL.get(Lanes.LONG, p + 66));
                ShortVector two = (ShortVector)
                        ByteVector.fromMemorySegment(B32, ALL, p + 74, LE).convertShape(ZERO_EXTEND_B2S, S, 0);
                ByteVector signs = two.or(two.lanewise(LSHL, by4)).reinterpretAsBytes();
                ShortVector q = index.selectFrom(a0, a1)
                        .blend(index.selectFrom(a2, a3), bit7)
                        .blend(index.selectFrom(a4, a5).blend(index.selectFrom(a6, a7), bit7), bit8)
                        .lanewise(XOR, signs.selectFrom(signsA))
                        .reinterpretAsShorts();
                LongVector t = q.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at, LE))
                        .add(q.lanewise(LSHR, by4)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 64, LE)))
                        .add(q.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 128, LE)))
                        .add(q.lanewise(LSHR, by12)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 192, LE)));
                q = index.selectFrom(c0, c1)
                        .blend(index.selectFrom(c2, c3), bit7)
                        .blend(index.selectFrom(c4, c5).blend(index.selectFrom(c6, c7), bit7), bit8)
                        .lanewise(XOR, signs.selectFrom(signsC))
                        .reinterpretAsShorts();
                LongVector u = q.reinterpretAsLongs()
                        .mul(LongVector.fromMemorySegment(L, ALL, at + 256, LE))
                        .add(q.lanewise(LSHR, by4)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 320, LE)))
                        .add(q.lanewise(LSHR, by8)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 384, LE)))
                        .add(q.lanewise(LSHR, by12)
                                .reinterpretAsLongs()
                                .mul(LongVector.fromMemorySegment(L, ALL, at + 448, LE)));
                IntVector c = both.selectFrom(t.reinterpretAsInts(), u.reinterpretAsInts())
                        .add(IntVector.fromMemorySegment(I, ALL, at + GridBlocks.CONSTANT, LE));
                IntVector k = IntVector.broadcast(I, ALL.get(Lanes.INT, p + 106))
                        .lanewise(ROR, scale)
                        .and(thirty)
                        .or(one);
                FloatVector d = FloatVector.fromMemorySegment(F, ALL, at + GridBlocks.SCALES, LE)
                        .mul(Float.float16ToFloat((short) IntVector.fromMemorySegment(Avx512.I4, ALL, p, LE)
                                .lane(0)));
                sum = ((FloatVector) c.convertShape(I2F, F, 0))
                        .fma(((FloatVector) k.convertShape(I2F, F, 0)).mul(d), sum);
                p += 110;
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            sum = sum.add(Avx512.SWAP_8.selectFrom(sum.reinterpretAsInts()).reinterpretAsFloats());
            sum = sum.add(Avx512.SWAP_4.selectFrom(sum.reinterpretAsInts()).reinterpretAsFloats());
            sum = sum.add(Avx512.SWAP_2.selectFrom(sum.reinterpretAsInts()).reinterpretAsFloats());
            sum = sum.add(Avx512.SWAP_1.selectFrom(sum.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, sum.lane(0));
        }
    }
}
