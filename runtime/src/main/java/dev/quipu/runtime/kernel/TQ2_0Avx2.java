package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.quipu.kvcache.simd.LaneSwap;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * TQ2_0 times 10-bit integers, 256 bits: w = d (n - 1). {@link TQ2_0Rows} has the layout. Plane z is bit pair z of each short;
 * unlike in {@link TQ2_0Avx512}, the other pairs are masked out.
 */
final class TQ2_0Avx2 implements RowProduct {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;

    private static final ShortVector PAIR = ShortVector.broadcast(S, (short) 3);

    private static final IntVector BOTH = IntVector.broadcast(I, Avx512.BOTH_HALVES);
    private static final IntVector UPPER = IntVector.broadcast(I, Avx512.UPPER_HALF);

    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    @Override
    public ActivationFormat format() {
        return TernaryBlocks.TQ2_0_MASKED;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long record = TernaryBlocks.TQ2_0_MASKED.record();
        long end = x + columns / 256 * record;
        for (int r = 0; r < count; r++) {
            long p = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (long at = x; at != end; at += record) {
                // Before the vectors, which would wait in registers while this is checked.
                float d = Float.float16ToFloat(ALL.get(SHORT, p + 64)) * ALL.get(FLOAT, at + 576);
                ShortVector s = ShortVector.fromMemorySegment(S, ALL, at + 512, LE)
                        .add(ShortVector.fromMemorySegment(S, ALL, at + 544, LE));
                for (int half = 0; half < 64; half += 32) {
                    IntVector q = IntVector.fromMemorySegment(I, ALL, p + half, LE);
                    for (int plane = 0; plane < 8; plane++) {
                        s = PAIR.and(q.lanewise(LSHR, 2 * plane).reinterpretAsShorts())
                                .mul(ShortVector.fromMemorySegment(S, ALL, at + 64 * plane + half, LE))
                                .add(s);
                    }
                }
                a = ((FloatVector) BOTH.mul(s.reinterpretAsInts()).and(UPPER).convertShape(I2F, F, 0))
                        .fma(FloatVector.broadcast(F, d), a);
                p += 66;
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
