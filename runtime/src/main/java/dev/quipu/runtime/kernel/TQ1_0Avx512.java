package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.F;
import static dev.quipu.runtime.kernel.Avx512.FLOAT;
import static dev.quipu.runtime.kernel.Avx512.I;
import static dev.quipu.runtime.kernel.Avx512.LE;
import static dev.quipu.runtime.kernel.Avx512.S;
import static dev.quipu.runtime.kernel.Avx512.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * TQ1_0 times 10-bit integers, 512 bits: w = d (n - 1). {@link TQ1_0Rows} has the layout and the digits.
 *
 * <p>Bytes become shorts: 32, then 20, and 12 behind those that meet zeros. Lane by lane, the digits' products are added up.
 */
final class TQ1_0Avx512 implements RowProduct {
    private static final VectorSpecies<Byte> HALF = ByteVector.SPECIES_256;

    /** Constants of the class: as a call's own they were boxed at each, when C2 had become cautious. */
    private static final ShortVector BY_8 = ShortVector.broadcast(S, (short) 8);

    private static final ShortVector THREE = ShortVector.broadcast(S, (short) 3);
    private static final ShortVector LOW = ShortVector.broadcast(S, (short) 255);

    private static final IntVector BOTH = IntVector.broadcast(I, Avx512.BOTH_HALVES);
    private static final IntVector UPPER = IntVector.broadcast(I, Avx512.UPPER_HALF);

    @Override
    public ActivationFormat format() {
        return TernaryBlocks.TQ1_0;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        int blocks = columns / 256;
        long record = TernaryBlocks.TQ1_0.record();
        ShortVector by8 = BY_8;
        ShortVector three = THREE;
        ShortVector low = LOW;
        IntVector both = BOTH;
        IntVector upper = UPPER;
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (int v = 0; v < blocks; v++) {
                long at = v * record;
                long p = row + 54L * v;
                ShortVector q = ((ShortVector)
                                ByteVector.fromMemorySegment(HALF, ALL, p, LE).convertShape(ZERO_EXTEND_B2S, S, 0))
                        .mul(three);
                ShortVector k = ((ShortVector) ByteVector.fromMemorySegment(HALF, ALL, p + 32, LE)
                                .convertShape(ZERO_EXTEND_B2S, S, 0))
                        .mul(three);
                ShortVector s = q.lanewise(LSHR, by8)
                        .mul(ShortVector.fromMemorySegment(S, ALL, x + at, LE))
                        .add(ShortVector.fromMemorySegment(S, ALL, x + at + 640, LE));
                s = s.add(k.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 320, LE)));
                q = q.and(low).mul(three);
                k = k.and(low).mul(three);
                s = s.add(q.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 64, LE)));
                s = s.add(k.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 384, LE)));
                q = q.and(low).mul(three);
                k = k.and(low).mul(three);
                s = s.add(q.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 128, LE)));
                s = s.add(k.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 448, LE)));
                q = q.and(low).mul(three);
                k = k.and(low).mul(three);
                s = s.add(q.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 192, LE)));
                s = s.add(k.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 512, LE)));
                q = q.and(low).mul(three);
                k = k.and(low).mul(three);
                s = s.add(q.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 256, LE)));
                s = s.add(k.lanewise(LSHR, by8).mul(ShortVector.fromMemorySegment(S, ALL, x + at + 576, LE)));
                IntVector t = s.reinterpretAsInts();
                a = ((FloatVector) t.mul(both).and(upper).convertShape(I2F, F, 0))
                        .fma(
                                FloatVector.broadcast(
                                        F, Float.float16ToFloat(ALL.get(SHORT, p + 52)) * ALL.get(FLOAT, x + at + 704)),
                                a);
            }
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(Avx512.SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(Avx512.SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
