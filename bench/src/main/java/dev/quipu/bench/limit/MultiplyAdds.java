package dev.quipu.bench.limit;

import java.util.function.LongUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * How many multiply-adds threads compute in a second when nothing has to be loaded: twelve sums in registers, each
 * multiplied by and added to constants, so that no product can be taken out of the loop.
 */
enum MultiplyAdds {
    /** Fused, on floats. */
    FP32(MultiplyAdds::floats),
    /** A product and a sum, on 16-bit integers. */
    INT16(MultiplyAdds::shorts);

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final int ROUNDS = 4096;
    private static final int SUMS = 12;

    private final LongUnaryOperator work;

    MultiplyAdds(LongUnaryOperator work) {
        this.work = work;
    }

    /** Multiply-adds per second. */
    double measure(int threads) {
        long lanes = this == FP32 ? F.length() : S.length();
        long[] results = new long[threads * 16];
        return Crew.perSecond(threads, thread -> {
            results[thread * 16] += work.applyAsLong(results[thread * 16]);
            return lanes * SUMS * ROUNDS;
        });
    }

    private static long floats(long seed) {
        FloatVector x = FloatVector.broadcast(F, 0.5f + (seed & 1));
        FloatVector y = FloatVector.broadcast(F, 0.25f);
        FloatVector a = y;
        FloatVector b = x;
        FloatVector c = y;
        FloatVector d = x;
        FloatVector e = y;
        FloatVector f = x;
        FloatVector g = y;
        FloatVector h = x;
        FloatVector i = y;
        FloatVector j = x;
        FloatVector k = y;
        FloatVector l = x;
        for (int round = 0; round < ROUNDS; round++) {
            a = a.fma(x, y);
            b = b.fma(x, y);
            c = c.fma(x, y);
            d = d.fma(x, y);
            e = e.fma(x, y);
            f = f.fma(x, y);
            g = g.fma(x, y);
            h = h.fma(x, y);
            i = i.fma(x, y);
            j = j.fma(x, y);
            k = k.fma(x, y);
            l = l.fma(x, y);
        }
        FloatVector sum = a.add(b)
                .add(c)
                .add(d)
                .add(e.add(f).add(g).add(h))
                .add(i.add(j).add(k).add(l));
        return (long) sum.reduceLanes(VectorOperators.ADD) & 1;
    }

    private static long shorts(long seed) {
        ShortVector x = ShortVector.broadcast(S, (short) (3 + seed));
        ShortVector y = ShortVector.broadcast(S, (short) 7);
        ShortVector a = y;
        ShortVector b = x;
        ShortVector c = y;
        ShortVector d = x;
        ShortVector e = y;
        ShortVector f = x;
        ShortVector g = y;
        ShortVector h = x;
        ShortVector i = y;
        ShortVector j = x;
        ShortVector k = y;
        ShortVector l = x;
        for (int round = 0; round < ROUNDS; round++) {
            a = a.mul(x).add(y);
            b = b.mul(x).add(y);
            c = c.mul(x).add(y);
            d = d.mul(x).add(y);
            e = e.mul(x).add(y);
            f = f.mul(x).add(y);
            g = g.mul(x).add(y);
            h = h.mul(x).add(y);
            i = i.mul(x).add(y);
            j = j.mul(x).add(y);
            k = k.mul(x).add(y);
            l = l.mul(x).add(y);
        }
        ShortVector sum = a.add(b)
                .add(c)
                .add(d)
                .add(e.add(f).add(g).add(h))
                .add(i.add(j).add(k).add(l));
        return sum.reduceLanes(VectorOperators.ADD) & 1;
    }
}
