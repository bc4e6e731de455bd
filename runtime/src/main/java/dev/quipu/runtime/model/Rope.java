package dev.quipu.runtime.model;

import org.jspecify.annotations.Nullable;

/**
 * Rotary position embedding (arXiv 2104.09864): pair i of a head is turned by position * frequency(i).
 *
 * <p>Frequencies are base^(-2i/d), then divided by the file's own factors ({@code rope_freqs.weight}, Llama 3.1), then
 * scaled linearly or by YaRN. Everything is computed in double, so that position 100,000 is as exact as position 1.
 */
final class Rope {
    private final double[] frequency;
    private final double magnitude;

    /** @param factors float[ropeDimensions / 2] from the file, or null */
    Rope(ModelConfig config, float @Nullable [] factors) {
        int dimensions = config.ropeDimensions();
        int pairs = dimensions / 2;
        if (factors != null && factors.length != pairs) {
            throw new IllegalArgumentException("rope factors: " + factors.length + ", expected " + pairs);
        }
        RopeScaling scaling = config.ropeScaling();
        boolean yarn = scaling.type() == RopeScaling.Type.YARN && scaling.extrapolation() != 0;
        double low = Math.max(0, Math.floor(dimensionAt(scaling.betaFast(), config)));
        double high = Math.min(dimensions - 1.0, Math.ceil(dimensionAt(scaling.betaSlow(), config)));
        frequency = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            double extrapolated = Math.pow(config.ropeBase(), -2.0 * i / dimensions);
            if (factors != null) {
                extrapolated /= factors[i];
            }
            double interpolated = extrapolated / scaling.factor();
            double ramp = Math.clamp((i - low) / Math.max(0.001, high - low), 0.0, 1.0);
            double mix = yarn ? (1 - ramp) * scaling.extrapolation() : 0;
            frequency[i] = interpolated * (1 - mix) + extrapolated * mix;
        }
        magnitude = scaling.attentionFactor() * (yarn ? 1 + 0.1 * Math.log(scaling.factor()) : 1);
    }

    /** The dimension that makes {@code rotations} full turns within the original context (YaRN, section 3.2). */
    private static double dimensionAt(double rotations, ModelConfig config) {
        double context = config.ropeScaling().originalContext();
        return config.ropeDimensions()
                * Math.log(context / (rotations * 2 * Math.PI))
                / (2 * Math.log(config.ropeBase()));
    }

    /** How many pairs of a head are turned. */
    int pairs() {
        return frequency.length;
    }

    /** Radians by which each pair turns per position. */
    double[] frequencies() {
        return frequency.clone();
    }

    /** Cosine of the pair's angle at the position, times YaRN's magnitude. */
    float cos(int position, int pair) {
        return (float) (Math.cos(position * frequency[pair]) * magnitude);
    }

    /** Sine of the pair's angle at the position, times YaRN's magnitude. */
    float sin(int position, int pair) {
        return (float) (Math.sin(position * frequency[pair]) * magnitude);
    }
}
