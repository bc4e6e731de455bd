package dev.quipu.runtime.kernel;

/** The scale of MXFP4 (OCP Microscaling Formats, E8M0): a power of two. */
final class Mxfp4 {
    /** The largest of the values that it multiplies. */
    static final int LARGEST = 12;

    private Mxfp4() {}

    /** 2^(e - 128): half of 2^(e - 127), since the values it multiplies are doubled to be integers. */
    static float scale(byte e) {
        int exponent = e & 255;
        // 2^-128 and 2^-127 are subnormal.
        return Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : exponent - 1 << 23);
    }
}
