package dev.quipu.kvcache.attention;

/**
 * Constants of the vectorised {@code exp} for arguments ≤ 0. Cody and Waite's reduction {@code x = n ln 2 + r},
 * {@code |r| ≤ ln 2 / 2}, with ln 2 in two parts; {@code exp(r) = 1 + r + r^2 P(r)} with the minimax polynomial of Cephes'
 * {@code expf}; {@code 2^n} by adding n to the exponent bits. Error below 1.2e-7 relative. Arguments below {@link #MIN}
 * give 0.
 */
final class Exponential {
    /** exp(-86) = 4.5e-38, so that {@code 2^n} stays a normal float. */
    static final float MIN = -86f;

    static final float LOG2_E = 1.44269504f;

    /** 1.5 * 2^23: adding it rounds to an integer, which then stands in the low mantissa bits. */
    static final float ROUND = 12582912f;

    static final float LN2_HIGH = 0.693359375f;
    static final float LN2_LOW = -2.12194440e-4f;
    static final float C2 = 5.0000001201e-1f;
    static final float C3 = 1.6666665459e-1f;
    static final float C4 = 4.1665795894e-2f;
    static final float C5 = 8.3334519073e-3f;
    static final float C6 = 1.3981999507e-3f;
    static final float C7 = 1.9875691500e-4f;

    private Exponential() {}
}
