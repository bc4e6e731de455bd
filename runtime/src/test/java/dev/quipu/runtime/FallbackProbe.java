package dev.quipu.runtime;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/** A loop over an operation that has an instruction, and one over an operation that has none. */
final class FallbackProbe {
    private static final int RUNS = 4000;

    private FallbackProbe() {}

    public static void main(String[] args) {
        byte[] bytes = new byte[4096];
        float[] floats = new float[4096];
        Arrays.fill(bytes, (byte) 5);
        for (int i = 0; i < RUNS; i++) {
            products(floats);
            quotients(bytes);
        }
        System.out.println(bytes[0] + floats[0]);
    }

    private static void products(float[] x) {
        for (int i = 0; i < x.length; i += 4) {
            FloatVector.fromArray(FloatVector.SPECIES_128, x, i).mul(0.5f).intoArray(x, i);
        }
    }

    private static void quotients(byte[] x) {
        for (int i = 0; i < x.length; i += 16) {
            ByteVector.fromArray(ByteVector.SPECIES_128, x, i).div((byte) 3).intoArray(x, i);
        }
    }
}
