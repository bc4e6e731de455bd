package dev.quipu.runtime.model;

/**
 * How rotary frequencies are stretched for contexts longer than those of the training.
 *
 * @param factor how much longer the context is
 * @param originalContext context of the training, in tokens
 * @param extrapolation share of the ramp between interpolation and extrapolation (YaRN); 0 interpolates all
 * @param attentionFactor multiplies YaRN's own scale of the attention
 * @param betaFast rotations within the original context from which on a dimension is left alone (YaRN)
 * @param betaSlow rotations within the original context up to which a dimension is interpolated (YaRN)
 */
public record RopeScaling(
        Type type,
        double factor,
        double originalContext,
        double extrapolation,
        double attentionFactor,
        double betaFast,
        double betaSlow) {
    /** Kinds of scaling: {@code rope.scaling.type}. */
    public enum Type {
        NONE,
        /** All frequencies divided by the factor. */
        LINEAR,
        /** arXiv 2309.00071: high frequencies kept, low ones divided, a ramp between. */
        YARN
    }

    /** Positions as they are. */
    public static final RopeScaling NONE = new RopeScaling(Type.NONE, 1, 0, 0, 1, 32, 1);
}
