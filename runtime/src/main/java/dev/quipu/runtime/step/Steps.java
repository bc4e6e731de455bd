package dev.quipu.runtime.step;

import java.lang.foreign.MemorySegment;

/**
 * The small steps between matrix products. A step works on one token's vector, or on one panel of {@value #PANEL}
 * tokens, whose number is given; elementwise steps work on any run of elements. Stateless, shared by threads.
 */
public interface Steps {
    /** Tokens of a panel. */
    int PANEL = 32;

    /** y = x / sqrt(mean(x²) + epsilon) * weight (arXiv 1910.07467); x, y: float[channels]. */
    void rmsNorm(MemorySegment x, float[] weight, float epsilon, MemorySegment y);

    /** The same for tokens [from, to) of a panel, multiples of 16; x, y: float[panels][channels][32]. */
    void rmsNormPanel(MemorySegment x, int panel, int from, int to, float[] weight, float epsilon, MemorySegment y);

    /**
     * Turns pairs of elements of each head (arXiv 2104.09864).
     *
     * @param x float[heads][headLength]
     * @param cos float[rotated / 2], of this token's position; sin likewise
     * @param rotated how many elements of a head take part, from the first on
     * @param halves whether pair i is (i, i + rotated / 2) rather than (2i, 2i + 1)
     */
    void rope(
            MemorySegment x,
            int heads,
            int headLength,
            MemorySegment cos,
            MemorySegment sin,
            int rotated,
            boolean halves);

    /**
     * The same for each token of a panel, of heads [from, to); x: float[panels][heads * headLength][32]; cos, sin:
     * float[panels][rotated / 2][32].
     */
    void ropePanel(
            MemorySegment x,
            int panel,
            int heads,
            int from,
            int to,
            int headLength,
            MemorySegment cos,
            MemorySegment sin,
            int rotated,
            boolean halves);

    /** gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i] for i in [from, to). (arXiv 2002.05202) */
    void swiGlu(MemorySegment gate, MemorySegment up, long from, long to);

    /** x[i] += y[i] for i in [from, to). */
    void add(MemorySegment x, MemorySegment y, long from, long to);
}
