package dev.quipu.kvcache.attention;

import java.lang.foreign.MemorySegment;

/** The softmax of one query or of a panel of queries, in pieces. Stateless, shared by threads. */
public interface SoftmaxKernel {
    /** The largest of {@code count} scores; count a multiple of 16. */
    float max(float[] scores, int offset, int count);

    /**
     * {@code s = exp(s - max) * scale} in place.
     *
     * @param count a multiple of 16; scores that do not count are negative infinity
     * @return the sum of {@code exp(s - max)}
     */
    float exponentiate(float[] scores, int offset, int count, float max, float scale);

    /** {@code target[i] += weight * source[i]}; count a multiple of 16. */
    void addScaled(float[] source, int sourceOffset, float weight, float[] target, int targetOffset, int count);

    /**
     * {@code target[i] += scale * sum over h of shares[sharesOffset + h] * weights[offset + h * stride + i]}.
     *
     * @param count a multiple of 16
     * @param target an address
     */
    void addShares(
            float[] weights,
            int offset,
            int stride,
            int heads,
            float[] shares,
            int sharesOffset,
            float scale,
            int count,
            long target);

    /**
     * Takes one page of cells into the softmax of a panel of 32 tokens, which runs online over the pages; {@code max} and
     * {@code sum} are float[32] from index {@code state}, at first negative infinity and 0: {@code weights[c][token] = exp(scale * scores[c][token] - max[token])}, max and sum
     * brought up to date, and the factor by which everything summed so far shrinks left in {@code correction[32]}. Masked
     * scores are negative infinity; each token must have met a score that is not.
     *
     * @param scores float[cells][32], written over
     * @param weights float[cells][32], native
     */
    void panel(
            float[] scores,
            int cells,
            float scale,
            MemorySegment weights,
            long weightsOffset,
            float[] max,
            float[] sum,
            float[] correction,
            int state);

    /** {@code c[row][token] *= correction[token]}. */
    void rescale(float[] c, int offset, int rows, float[] correction);

    /** {@code out[row][token] = c[row][token] / sum[token]}. */
    void divide(float[] c, int offset, int rows, float[] sum, int state, MemorySegment out, long outOffset);

    /** {@code scores[c][token] = exp(scale * scores[c][token] - max[token]) / sum[token]} in place. */
    void normalise(float[] scores, int offset, int cells, float scale, float[] max, float[] sum, int state);
}
