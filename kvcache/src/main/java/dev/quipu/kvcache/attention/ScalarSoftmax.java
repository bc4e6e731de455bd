package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;

import dev.quipu.kvcache.simd.NativeMemory;
import java.lang.foreign.MemorySegment;

/** The definition of {@link SoftmaxKernel}. */
final class ScalarSoftmax implements SoftmaxKernel {
    @Override
    public float max(float[] scores, int offset, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = offset; i < offset + count; i++) {
            max = Math.max(max, scores[i]);
        }
        return max;
    }

    @Override
    public float exponentiate(float[] scores, int offset, int count, float max, float scale) {
        float sum = 0;
        for (int i = offset; i < offset + count; i++) {
            float weight = (float) Math.exp(scores[i] - max);
            scores[i] = weight * scale;
            sum += weight;
        }
        return sum;
    }

    @Override
    public void addScaled(float[] source, int sourceOffset, float weight, float[] target, int targetOffset, int count) {
        for (int i = 0; i < count; i++) {
            target[targetOffset + i] = Math.fma(source[sourceOffset + i], weight, target[targetOffset + i]);
        }
    }

    @Override
    public void addShares(
            float[] weights,
            int offset,
            int stride,
            int heads,
            float[] shares,
            int sharesOffset,
            float scale,
            int count,
            long target) {
        for (int i = 0; i < count; i++) {
            float sum = 0;
            for (int h = 0; h < heads; h++) {
                sum = Math.fma(weights[offset + h * stride + i], shares[sharesOffset + h], sum);
            }
            float before = NativeMemory.ALL.get(RowCodec.FLOAT, target + 4L * i);
            NativeMemory.ALL.set(RowCodec.FLOAT, target + 4L * i, Math.fma(sum, scale, before));
        }
    }

    @Override
    public void panel(
            float[] scores,
            int cells,
            float scale,
            MemorySegment weights,
            long weightsOffset,
            float[] max,
            float[] sum,
            float[] correction,
            int state) {
        for (int token = 0; token < TOKENS; token++) {
            float old = max[state + token];
            float top = old;
            for (int c = 0; c < cells; c++) {
                top = Math.max(top, scale * scores[c * TOKENS + token]);
            }
            max[state + token] = top;
            correction[token] = (float) Math.exp(old - top);
            float total = sum[state + token] * correction[token];
            for (int c = 0; c < cells; c++) {
                float weight = (float) Math.exp(scale * scores[c * TOKENS + token] - top);
                weights.set(RowCodec.FLOAT, weightsOffset + 4L * (c * TOKENS + token), weight);
                total += weight;
            }
            sum[state + token] = total;
        }
    }

    @Override
    public void rescale(float[] c, int offset, int rows, float[] correction) {
        for (int i = 0; i < rows * TOKENS; i++) {
            c[offset + i] *= correction[i % TOKENS];
        }
    }

    @Override
    public void divide(float[] c, int offset, int rows, float[] sum, int state, MemorySegment out, long outOffset) {
        for (int i = 0; i < rows * TOKENS; i++) {
            out.set(RowCodec.FLOAT, outOffset + 4L * i, c[offset + i] / sum[state + i % TOKENS]);
        }
    }

    @Override
    public void normalise(float[] scores, int offset, int cells, float scale, float[] max, float[] sum, int state) {
        for (int i = 0; i < cells * TOKENS; i++) {
            int token = state + i % TOKENS;
            scores[offset + i] = (float) Math.exp(scale * scores[offset + i] - max[token]) / sum[token];
        }
    }
}
