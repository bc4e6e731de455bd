package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.IntegerActivations.LE;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A multiplication that adds four products: for kernels whose 64-bit lanes hold polynomials of 2^16.
 *
 * <p>Of eight columns, the even ones' weights are n0 + n2 2^16 + n4 2^32 + n6 2^48, and their activations are kept in reverse, x6 +
 * x4 2^16 + x2 2^32 + x0 2^48. What the product has beyond 64 bits is lost, and its upper 16 bits are n0 x0 + n2 x2 + n4 x4 + n6
 * x6; the odd ones' likewise. Weights may have other digits above theirs, which nobody clears: those come off in the
 * activations that the next digit is multiplied by.
 *
 * <p>The bits below the upper 16 are other products, of weights and activations of two columns further on. Kernels leave
 * them in, and so add 2^-16 of that activation to each ({@link QuantizedActivations#spill}).
 */
final class Polynomials {
    private static final VectorSpecies<Long> L = LongVector.SPECIES_512;

    /** Even and odd lanes of two vectors. */
    private static final LongVector EVEN = LongVector.zero(L).addIndex(2);

    private static final LongVector ODD = EVEN.add(1);

    /** 1 in all four places: a product with it has the sum of a polynomial's coefficients as its upper 16 bits. */
    static final long ONES = 0x0001000100010001L;

    private Polynomials() {}

    /**
     * Of 64 columns, long[8] of the even ones' activations into address {@code even}, and of the odd ones' into {@code odd}.
     *
     * @param x address of the first 32 columns' integers, short[32]
     * @param y of the others'
     */
    static void of(long x, long y, long even, long odd) {
        // Four columns in a lane; then two terms, of the even ones and of the odd ones.
        LongVector x4 = LongVector.fromMemorySegment(L, ALL, x, LE);
        LongVector y4 = LongVector.fromMemorySegment(L, ALL, y, LE);
        LongVector even0 = x4.lanewise(LSHL, 48)
                .lanewise(ASHR, 32)
                .add(x4.lanewise(LSHL, 16).lanewise(ASHR, 48));
        LongVector odd0 =
                x4.lanewise(LSHL, 32).lanewise(ASHR, 48).lanewise(LSHL, 16).add(x4.lanewise(ASHR, 48));
        LongVector even1 = y4.lanewise(LSHL, 48)
                .lanewise(ASHR, 32)
                .add(y4.lanewise(LSHL, 16).lanewise(ASHR, 48));
        LongVector odd1 =
                y4.lanewise(LSHL, 32).lanewise(ASHR, 48).lanewise(LSHL, 16).add(y4.lanewise(ASHR, 48));
        EVEN.selectFrom(even0, even1)
                .lanewise(LSHL, 32)
                .add(ODD.selectFrom(even0, even1))
                .intoMemorySegment(ALL, even, LE);
        EVEN.selectFrom(odd0, odd1)
                .lanewise(LSHL, 32)
                .add(ODD.selectFrom(odd0, odd1))
                .intoMemorySegment(ALL, odd, LE);
    }
}
