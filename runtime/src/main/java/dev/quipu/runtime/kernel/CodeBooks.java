package dev.quipu.runtime.kernel;

import dev.quipu.gguf.type.IQ3_S;
import jdk.incubator.vector.ByteVector;

/** The 16 values that a nibble stands for, where those are not evenly spaced. */
final class CodeBooks {
    /** Source: ggml's kvalues_iq4nl. */
    static final ByteVector IQ4_NL = book(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

    /** Twice the four-bit floats E2M1 of the OCP microscaling formats (MX 1.0, table 5). */
    static final ByteVector MXFP4 = book(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

    private CodeBooks() {}

    /** The grid of IQ3_S: four bytes an int, the first column's lowest. */
    static int[] iq3s() {
        byte[] points = IQ3_S.points();
        int[] grid = new int[points.length / 4];
        for (int i = 0; i < points.length; i++) {
            grid[i / 4] |= points[i] << i % 4 * 8;
        }
        return grid;
    }

    private static ByteVector book(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteVector.fromArray(ByteVector.SPECIES_128, bytes, 0);
    }
}
