package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.LONG;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import dev.quipu.gguf.type.IQ3_S;
import dev.quipu.kvcache.simd.LaneSwap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * IQ3_S times 10-bit integers, 256 bits: w = d (1 + 2 scale) (2 n - 15), where n = m + 8 for a magnitude 2 m + 1, and 7 - m, all four
 * bits changed, for its negative. {@link IQ3_SRows} has the layout, {@link PairActivations} how products are added.
 *
 * <p>A row is read three times, some super-blocks at a time: vectors make indices of nine bits, a plain loop fetches the points, and vectors
 * multiply. A vector that is loaded right after its points were stored one by one would wait for them.
 */
final class IQ3_SAvx2 implements RowProduct {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    private static final VectorSpecies<Long> L = LongVector.SPECIES_256;

    /** Super-blocks whose points are fetched at a time. */
    private static final int RUN = 8;

    /** 512 points of four bytes m + 8, columns 0, 2, 1, 3, in the lower halves of numbers, and again in the upper halves. */
    private static final long TABLE = table();

    /** Times this, bit i of a short is its bit 15. */
    private static final ShortVector TO_TOP = toTop();

    /** Odd points are looked up in the second half of the table. */
    private static final ShortVector ODD = IntVector.broadcast(I, 512 << 16).reinterpretAsShorts();

    private static final IntVector NINTH = IntVector.broadcast(I, 0x01000100);

    /** Times this, four bits are the lowest of bytes 0, 2, 1 and 3, with others between. */
    private static final IntVector SPREAD = IntVector.broadcast(I, 0x00208041);

    private static final IntVector LOWEST = IntVector.broadcast(I, 0x01010101);
    private static final IntVector FIFTEEN = IntVector.broadcast(I, 15);
    private static final IntVector EVENS = IntVector.broadcast(I, 0x00ff00ff);

    private static final IntVector FIRST = IntVector.zero(I);

    /** Signs and scale of the next group become the first ones. */
    private static final IntVector NEXT = IntVector.fromArray(I, new int[] {1, 2, 3, 4, 5, 6, 7, 0}, 0);

    /** Brings nibble i to place 0. */
    private static final IntVector NIBBLE = Lanes.iota(I).mul(4);

    private static final FloatVector HALF = FloatVector.broadcast(F, 0.5f);

    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    /** What is known of the points of a run, in their order: indices in the table, then the points, two a number. */
    private static final class Scratch {
        final short[] indices = new short[64 * RUN];
        final long[] points = new long[32 * RUN];
    }

    private static long table() {
        byte[] points = IQ3_S.points();
        MemorySegment table = Arena.global().allocate(4L * points.length, 64);
        for (int i = 0; i < points.length; i += 4) {
            long point = 0;
            for (int k = 0; k < 4; k++) {
                point |= (long) (8 + points[i + k] / 2) << 8 * (k / 2 + k % 2 * 2);
            }
            table.set(LONG, 2L * i, point);
            table.set(LONG, 2L * (points.length + i), point << 32);
        }
        return table.address();
    }

    private static ShortVector toTop() {
        short[] powers = new short[S.length()];
        for (int i = 0; i < powers.length; i++) {
            powers[i] = (short) (1 << 15 - i);
        }
        return ShortVector.fromArray(S, powers, 0);
    }

    @Override
    public ActivationFormat format() {
        return GridPairs.IQ3_S;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        Scratch run = scratch.get();
        int blocks = columns / 256;
        for (int r = 0; r < count; r++) {
            float sum = 0;
            for (int first = 0; first < blocks; first += RUN) {
                int length = Math.min(RUN, blocks - first);
                long p = w + r * rowBytes + 110L * first;
                indices(p, length, run.indices);
                points(run.indices, length, run.points);
                sum += products(p, length, run.points, x + GridPairs.RECORD * (long) first);
            }
            ALL.set(FLOAT, y + 4L * r, sum);
        }
    }

    /** Bits 0 to 7 are bytes 2 to 65 of a super-block, bit 8 is a bit of the next eight bytes. */
    private static void indices(long p, int blocks, short[] indices) {
        for (int v = 0; v < blocks; v++) {
            for (int i = 0; i < 4; i++) {
                ShortVector low = (ShortVector) ByteVector.fromMemorySegment(B, ALL, p + 110L * v + 2 + 16 * i, LE)
                        .convertShape(ZERO_EXTEND_B2S, S, 0);
                NINTH.and(TO_TOP.mul(ShortVector.broadcast(S, ALL.get(SHORT, p + 110L * v + 66 + 2 * i)))
                                .reinterpretAsInts()
                                .lanewise(LSHR, 7))
                        .or(low.or(ODD).reinterpretAsInts())
                        .reinterpretAsShorts()
                        .intoArray(indices, 64 * v + 16 * i);
            }
        }
    }

    /** The offsets in the table are of a range that C2 knows, so it checks none of them. */
    private static void points(short[] indices, int blocks, long[] points) {
        for (int i = 0; i < 32 * blocks; i++) {
            points[i] = ALL.get(LONG, TABLE + 8L * (indices[2 * i] & 0xffff))
                    | ALL.get(LONG, TABLE + 8L * (indices[2 * i + 1] & 0xffff));
        }
    }

    /** A group of 32 columns after the other: their eight points are a vector of bytes. */
    private static float products(long p, int blocks, long[] points, long x) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        for (int v = 0; v < blocks; v++) {
            FloatVector s = ((FloatVector) IntVector.broadcast(I, ALL.get(INT, p + 106))
                            .lanewise(LSHR, NIBBLE)
                            .and(FIFTEEN)
                            .convertShape(I2F, F, 0))
                    .add(HALF)
                    .mul(FloatVector.broadcast(F, 2 * Float.float16ToFloat(ALL.get(SHORT, p))));
            b = s.fma(FloatVector.fromMemorySegment(F, ALL, x + GridPairs.SUMS, LE), b);
            s = s.mul(FloatVector.fromMemorySegment(F, ALL, x + GridPairs.SCALES, LE));
            IntVector signs = IntVector.fromMemorySegment(I, ALL, p + 74, LE);
            for (int g = 0; g < 8; g++) {
                IntVector n = FIRST.selectFrom(signs)
                        .lanewise(LSHR, NIBBLE)
                        .and(FIFTEEN)
                        .mul(SPREAD)
                        .and(LOWEST)
                        .mul(FIFTEEN)
                        .lanewise(
                                XOR,
                                LongVector.fromArray(L, points, 32 * v + 4 * g).reinterpretAsInts());
                IntVector t = n.and(EVENS)
                        .mul(IntVector.fromMemorySegment(I, ALL, x + 64 * g, LE))
                        .add(n.lanewise(LSHR, 8)
                                .and(EVENS)
                                .mul(IntVector.fromMemorySegment(I, ALL, x + 64 * g + 32, LE)));
                a = ((FloatVector) t.convertShape(I2F, F, 0))
                        .fma(FIRST.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(), a);
                s = NEXT.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats();
                signs = NEXT.selectFrom(signs);
            }
            p += 110;
            x += GridPairs.RECORD;
        }
        a = a.sub(b);
        // A fixed order of addition, whoever compiled it: reduceLanes has none.
        a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
        a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
        a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
        return a.lane(0);
    }
}
