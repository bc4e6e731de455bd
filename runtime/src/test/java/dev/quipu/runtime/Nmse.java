package dev.quipu.runtime;

/** Normalised mean squared error: Σ(a - e)² / Σe². */
public final class Nmse {
    private double errors;
    private double squares;

    /** Of arrays of the same length. */
    public static double of(float[] actual, float[] expected) {
        Nmse nmse = new Nmse();
        for (int i = 0; i < expected.length; i++) {
            nmse.add(actual[i], expected[i]);
        }
        return nmse.value();
    }

    public void add(double actual, double expected) {
        errors += (actual - expected) * (actual - expected);
        squares += expected * expected;
    }

    public double value() {
        return errors / squares;
    }
}
