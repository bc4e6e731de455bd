package dev.quipu.runtime.kernel;

import static jdk.incubator.vector.VectorOperators.I2F;

import dev.quipu.kvcache.simd.LaneSwap;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the 512-bit kernels share. They assume byte and short permutes and per-short shifts (AVX512BW and VBMI).
 *
 * <p>No method here takes or returns a vector in a kernel's loop. The Vector API's own methods are always inlined; one of
 * ours is not once a kernel has grown to some 18,000 nodes, and then every vector that crosses the call is allocated. So
 * kernels spell everything out. Constants are broadcast before the loop: an operation on a vector and a scalar is compiled as
 * a shift too, before it is known to be none. C2 adds up how often each method it inlines was ever deoptimised, and beyond
 * 200 (half of {@code PerMethodRecompilationCutoff}, which the launcher raises) it no longer trusts the classes it has seen;
 * vectors are then boxed. So a kernel should inline little.
 *
 * <p>A row is some eight super-blocks. Of a counted loop C2 would take out the first step, and the checks of scalar loads, which costs
 * each row as much as one of them; so kernels of the K types go on until an address is reached, and load scalars as lanes of vectors.
 */
final class Avx512 {
    static final VectorSpecies<Byte> B = ByteVector.SPECIES_512;
    static final VectorSpecies<Byte> B16 = ByteVector.SPECIES_128;
    static final VectorSpecies<Short> S = ShortVector.SPECIES_512;
    static final VectorSpecies<Long> L = LongVector.SPECIES_512;
    static final VectorSpecies<Integer> I = IntVector.SPECIES_512;
    static final VectorSpecies<Integer> I4 = IntVector.SPECIES_128;
    static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
    static final VectorSpecies<Float> F8 = FloatVector.SPECIES_256;
    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);

    /**
     * With a half-precision number in the high 16 bits of an int h, {@code (h >> 3) & HALF_MASK} are the bits of that number
     * times 2^-112. Exact for every finite value, subnormals included; infinities and NaNs become large finite numbers.
     */
    static final int HALF_MASK = 0x8fffe000;

    /** What {@link #HALF_MASK} leaves to multiply by. */
    static final float HALF_SCALE = 0x1p112f;

    /**
     * Where an int t holds two shorts whose sum is a short, {@code t * BOTH_HALVES & UPPER_HALF} is that sum times 2^16: two
     * operations, and none on the ports that shift, which are the scarce ones.
     */
    static final int BOTH_HALVES = 0x00010001;

    static final int UPPER_HALF = 0xffff0000;

    /** Of two vectors of longs, the upper ints: the first one's in odd lanes, the other's in even ones. */
    static final IntVector UPPER_OF_BOTH = ints(i -> i % 2 == 1 ? i : 16 + i + 1);

    /** What {@link #UPPER_HALF} leaves to multiply by. */
    static final float UPPER_SCALE = 0x1p-16f;

    /** Lanes 8, 4, 2 or 1 apart change places. */
    static final IntVector SWAP_8 = LaneSwap.of(I, 8);

    static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    /** Lanes 8 to 15. */
    static final VectorMask<Float> UPPER = VectorMask.fromLong(F, 0xff00);

    private Avx512() {}

    static IntVector ints(IntUnaryOperator lane) {
        int[] lanes = new int[16];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = lane.applyAsInt(i);
        }
        return IntVector.fromArray(I, lanes, 0);
    }

    static FloatVector floats(IntUnaryOperator lane) {
        return (FloatVector) ints(lane).convertShape(I2F, F, 0);
    }

    static ShortVector shorts(IntUnaryOperator lane) {
        short[] lanes = new short[32];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = (short) lane.applyAsInt(i);
        }
        return ShortVector.fromArray(S, lanes, 0);
    }

    /**
     * Where shorts of a stretch of up to {@code 32 + second} are found in two vectors of it: the first 32, and 32 from {@code
     * second} on.
     *
     * @param lane which short a lane wants
     */
    static ShortVector window(int second, IntUnaryOperator lane) {
        return shorts(inWindow(32, second, lane));
    }

    /** Likewise bytes, of up to {@code 64 + second}. */
    static ByteVector byteWindow(int second, IntUnaryOperator lane) {
        return bytes(inWindow(64, second, lane));
    }

    private static IntUnaryOperator inWindow(int lanes, int second, IntUnaryOperator lane) {
        return lane.andThen(wanted -> wanted < lanes ? wanted : lanes + wanted - second);
    }

    static ByteVector bytes(IntUnaryOperator lane) {
        byte[] lanes = new byte[64];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = (byte) lane.applyAsInt(i);
        }
        return ByteVector.fromArray(B, lanes, 0);
    }
}
