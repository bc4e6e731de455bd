package dev.quipu.runtime.kernel;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** What the kernels of any width share. No method here takes or returns a vector in a kernel's loop; see {@link Avx512}. */
final class Lanes {
    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LE);

    /** The bits of 2^23 as a float: {@code n | EXPONENT} are those of 2^23 + n, for n < 2^23. */
    static final int EXPONENT = 0x4b000000;

    /** What {@link #EXPONENT} leaves to subtract. */
    static final float TWO_23 = 0x1p23f;

    /**
     * With a half-precision number in the high 16 bits of an int h, {@code (h >> 3) & HALF_MASK} are the bits of that number
     * times 2^-112. Exact for every finite value, subnormals included; infinities and NaNs become large finite numbers.
     */
    static final int HALF_MASK = 0x8fffe000;

    /** What {@link #HALF_MASK} leaves to multiply by. */
    static final float HALF_SCALE = 0x1p112f;

    private Lanes() {}

    /** The lanes' own numbers. */
    static IntVector iota(VectorSpecies<Integer> species) {
        return IntVector.zero(species).addIndex(1);
    }

    /** The bits of as many of the values, as floats, as a vector has lanes. */
    static IntVector floatBits(VectorSpecies<Integer> species, ByteVector values) {
        int[] lanes = new int[species.length()];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = Float.floatToRawIntBits(values.lane(i));
        }
        return IntVector.fromArray(species, lanes, 0);
    }
}
