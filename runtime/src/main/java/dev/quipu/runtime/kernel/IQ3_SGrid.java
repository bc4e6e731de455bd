package dev.quipu.runtime.kernel;

import dev.quipu.gguf.type.IQ3_S;
import jdk.incubator.vector.ByteVector;

/**
 * The grid of IQ3_S for lookups by vectors of 512 bits. A magnitude 2 m + 1 and its sign are a nibble n = m + 8, or 7 - m, which has all four
 * bits of it changed: w = 2 n - 15. Of the 512 points there is a table with columns 0 and 1, and one with columns 2 and 3, of
 * two nibbles m + 8 a byte.
 */
final class IQ3_SGrid {
    static final ByteVector A0 = grid(0, 0);
    static final ByteVector A1 = grid(0, 64);
    static final ByteVector A2 = grid(0, 128);
    static final ByteVector A3 = grid(0, 192);
    static final ByteVector A4 = grid(0, 256);
    static final ByteVector A5 = grid(0, 320);
    static final ByteVector A6 = grid(0, 384);
    static final ByteVector A7 = grid(0, 448);
    static final ByteVector C0 = grid(2, 0);
    static final ByteVector C1 = grid(2, 64);
    static final ByteVector C2 = grid(2, 128);
    static final ByteVector C3 = grid(2, 192);
    static final ByteVector C4 = grid(2, 256);
    static final ByteVector C5 = grid(2, 320);
    static final ByteVector C6 = grid(2, 384);
    static final ByteVector C7 = grid(2, 448);

    /** The lower two of four signs as nibbles, whatever is above them, and the upper two. */
    static final ByteVector SIGNS_A = Avx512.bytes(i -> (i & 1) * 0x0f + (i >> 1 & 1) * 0xf0);

    static final ByteVector SIGNS_C = Avx512.bytes(i -> (i >> 2 & 1) * 0x0f + (i >> 3 & 1) * 0xf0);

    private IQ3_SGrid() {}

    /** Nibbles of columns {@code column} and the next of 64 points. */
    private static ByteVector grid(int column, int from) {
        byte[] points = IQ3_S.points();
        return Avx512.bytes(i -> {
            int at = 4 * (from + i) + column;
            return 8 + points[at] / 2 + 16 * (8 + points[at + 1] / 2);
        });
    }
}
