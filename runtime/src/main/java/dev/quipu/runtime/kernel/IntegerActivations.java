package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.I2S;

import dev.quipu.kvcache.simd.LaneSwap;
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

    /** A constant of the class: as a call's own it was boxed at each, in every other process. */
    private static final FloatVector ZERO = FloatVector.zero(F);

    /** By which neighbours change places. */
    private static final IntVector NEIGHBOUR = LaneSwap.of(IntVector.SPECIES_256, 1);

    /** Added to a float below 2^22, it leaves the nearest integer in the low bits. */
    private static final float ROUNDER = 0x1.8p23f;

    /** Added to what {@link #ROUNDER} left, it gives the integer; and its class is known, that of reinterpreted floats is not. */
    private static final IntVector UNROUNDER =
            IntVector.broadcast(IntVector.SPECIES_256, -Float.floatToRawIntBits(ROUNDER));

    private IntegerActivations() {}

    /** Zeros from address {@code from} to {@code to}, a multiple of 32 bytes. */
    static void clear(long from, long to) {
        for (long at = from; at < to; at += F.vectorByteSize()) {
            ZERO.intoMemorySegment(ALL, at, LE);
        }
    }

    /**
     * @param x address of float[columns]
     * @param integers address of short[columns]
     * @param scales address of float[columns / group]
     */
    static void quantize(long x, int columns, QuantizedActivations format, long integers, long scales) {
        int group = format.group();
        int limit = format.limit();
        // Each of four roundings may add a half.
        int quadLimit = format.quadLimit() - 2;
        boolean quads = format.quadLimit() < 4 * limit;
        for (int first = 0; first < columns; first += group) {
            FloatVector peak = FloatVector.zero(F);
            for (int i = first; i < first + group; i += F.length()) {
                // Not peak.max, not abs(): C2 would ask profiles that vectors of all widths share.
                peak = FloatVector.fromMemorySegment(F, ALL, x + 4L * i, LE)
                        .lanewise(VectorOperators.ABS)
                        .max(peak);
            }
            float max = peak.reduceLanes(VectorOperators.MAX);
            float scale = max / limit;
            if (quads) {
                scale = Math.max(scale, largestQuad(x + 4L * first) / quadLimit);
            }
            // A block of subnormals has no finite inverse; nothing is lost when it counts as zero.
            float inverse = scale > Float.MIN_NORMAL ? 1 / scale : 0f;
            ALL.set(FLOAT, scales + 4L * (first / group), inverse == 0f ? 0f : scale);
            for (int i = first; i < first + group; i += F.length()) {
                IntVector rounded = UNROUNDER.add(FloatVector.fromMemorySegment(F, ALL, x + 4L * i, LE)
                        .mul(inverse)
                        .add(ROUNDER)
                        .reinterpretAsInts());
                rounded.convertShape(I2S, S, 0).intoMemorySegment(ALL, integers + 2L * i, LE);
            }
        }
    }

    /** Of 32 floats from address {@code x} on, the largest sum of magnitudes that {@link QuantizedActivations#quadLimit} is about. */
    private static float largestQuad(long x) {
        FloatVector peak = FloatVector.zero(F);
        for (long at = x; at < x + 64; at += F.vectorByteSize()) {
            FloatVector pair = FloatVector.fromMemorySegment(F, ALL, at, LE)
                    .abs()
                    .add(FloatVector.fromMemorySegment(F, ALL, at + 64, LE).abs());
            peak = peak.max(
                    pair.add(NEIGHBOUR.selectFrom(pair.reinterpretAsInts()).reinterpretAsFloats()));
        }
        return peak.reduceLanes(VectorOperators.MAX);
    }
}
