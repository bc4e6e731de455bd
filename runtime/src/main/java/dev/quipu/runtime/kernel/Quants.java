package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Sixteen quants at a time, a short each: what all of the {@link QuantUnpacker}s do, on any hardware of 256 bits or more. */
final class Quants {
    static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    static final VectorSpecies<Short> S = ShortVector.SPECIES_256;

    /*
     * Constants as vectors: a scalar operand is broadcast by methods that C2 must inline at each use, and a kernel that inlines
     * too much falls back to Java.
     */
    static final ShortVector ZERO = ShortVector.zero(S);
    static final ShortVector ONE = ShortVector.broadcast(S, (short) 1);
    static final ShortVector THREE = ShortVector.broadcast(S, (short) 3);
    static final ShortVector FIFTEEN = ShortVector.broadcast(S, (short) 15);
    static final ShortVector SIXTEEN = ShortVector.broadcast(S, (short) 16);

    private static final ShortVector BITS = bits();

    private Quants() {}

    private static ShortVector bits() {
        short[] bits = new short[16];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (short) (1 << i);
        }
        return ShortVector.fromArray(S, bits, 0);
    }

    /** Sixteen bytes, zero-extended. */
    static ShortVector bytes(long offset) {
        return (ShortVector)
                ByteVector.fromMemorySegment(B, ALL, offset, Unpacker.LE).convertShape(ZERO_EXTEND_B2S, S, 0);
    }

    /** Bits {@code shift} and up of bytes, as many as the mask has: by int lanes, since AVX2 does not shift shorts by a vector. */
    static ShortVector field(ShortVector bytes, int shift, ShortVector mask) {
        return bytes.reinterpretAsInts()
                .lanewise(LSHR, shift)
                .reinterpretAsShorts()
                .and(mask);
    }

    /** q + 16 where the lane's bit is set. */
    static ShortVector fifth(ShortVector q, int bits) {
        return q.add(SIXTEEN, set(bits));
    }

    /** Which of sixteen bits are set. */
    static VectorMask<Short> set(int bits) {
        return ShortVector.broadcast(S, (short) bits).and(BITS).compare(NE, ZERO);
    }

    /** What {@link #store} takes from both quants of a pair. */
    static IntVector centre(int n) {
        return IntVector.broadcast(IntVector.SPECIES_256, (n << 16) + n);
    }

    /** Quants as they are stored, from zero on: q = n - centre. */
    static void store(ShortVector n, IntVector centre, int[] pairs, int at) {
        n.reinterpretAsInts().sub(centre).intoArray(pairs, at);
    }
}
