package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.I2S;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Quantises activations to integers of a small range, with one scale for each block of columns: x = scale * integer.
 *
 * <p>Integers are kept as shorts, since kernels multiply in 16 bits.
 */
final class IntegerActivations {
    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;

    /** Added to a float below 2^22, it leaves the nearest integer in the low bits. */
    private static final float ROUNDER = 0x1.8p23f;

    private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);

    private IntegerActivations() {}

    /** Zeros from address {@code from} to {@code to}, a multiple of 32 bytes. */
    static void clear(long from, long to) {
        FloatVector zero = FloatVector.zero(F);
        for (long at = from; at < to; at += F.vectorByteSize()) {
            zero.intoMemorySegment(ALL, at, LE);
        }
    }

    /**
     * @param x address of float[columns]
     * @param block columns that share a scale: a multiple of 8
     * @param limit the largest integer
     * @param integers address of short[columns]
     * @param scales address of float[columns / block]
     */
    static void quantize(long x, int columns, int block, int limit, long integers, long scales) {
        for (int first = 0; first < columns; first += block) {
            FloatVector peak = FloatVector.zero(F);
            for (int i = first; i < first + block; i += F.length()) {
                peak = peak.max(
                        FloatVector.fromMemorySegment(F, ALL, x + 4L * i, LE).abs());
            }
            float max = peak.reduceLanes(VectorOperators.MAX);
            // A block of subnormals has no finite inverse; nothing is lost when it counts as zero.
            float inverse = max > Float.MIN_NORMAL * limit ? limit / max : 0f;
            ALL.set(FLOAT, scales + 4L * (first / block), inverse == 0f ? 0f : max / limit);
            for (int i = first; i < first + block; i += F.length()) {
                IntVector rounded = FloatVector.fromMemorySegment(F, ALL, x + 4L * i, LE)
                        .mul(inverse)
                        .add(ROUNDER)
                        .reinterpretAsInts()
                        .sub(ROUNDER_BITS);
                rounded.convertShape(I2S, S, 0).intoMemorySegment(ALL, integers + 2L * i, LE);
            }
        }
    }
}
