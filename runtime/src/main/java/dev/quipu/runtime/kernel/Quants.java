package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.B2S;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/** Sixteen quants at a time, a short each: what all of the {@link QuantUnpacker}s do, on any hardware of 256 bits or more. */
final class Quants {
    static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    static final VectorSpecies<Short> S = ShortVector.SPECIES_256;

    /*
     * Constants as vectors: a scalar operand is broadcast by methods that C2 must inline at each use, and a kernel that inlines
     * too much falls back to Java.
     */
    static final ShortVector ONE = ShortVector.broadcast(S, (short) 1);
    static final ShortVector THREE = ShortVector.broadcast(S, (short) 3);
    static final ShortVector EIGHT = ShortVector.broadcast(S, (short) 8);
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

    /** q - 16 where the lane's bit is clear. */
    static ShortVector fifth(ShortVector q, int bits) {
        return q.sub(
                (short) 16, ShortVector.broadcast(S, (short) bits).and(BITS).eq((short) 0));
    }

    /** What 16 bytes of nibbles stand for by a book of 16 values: low nibbles are the first 16 columns. */
    static void fromBook(long offset, ByteVector book, int[] pairs, int at) {
        ByteVector q = ByteVector.fromMemorySegment(B, ALL, offset, Unpacker.LE);
        ByteVector high = q.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
        ByteVector first = q.and((byte) 15).selectFrom(book);
        ByteVector second = high.and((byte) 15).selectFrom(book);
        store((ShortVector) first.convertShape(B2S, S, 0), pairs, at);
        store((ShortVector) second.convertShape(B2S, S, 0), pairs, at + 8);
    }

    static void store(ShortVector q, int[] pairs, int at) {
        q.reinterpretAsInts().intoArray(pairs, at);
    }
}
