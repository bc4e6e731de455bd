package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Causal attention in float64, written from the formula. */
final class ReferenceAttention {
    private ReferenceAttention() {}

    /** Output of every head for a query that sees all cells up to {@code position}: double[heads * valueDim]. */
    static double[] attend(
            KvLayout layout,
            float[][] k,
            float[][] v,
            float[] q,
            int position,
            UnaryOperator<float[]> keys,
            UnaryOperator<float[]> values) {
        int[] visible = IntStream.rangeClosed(0, position).toArray();
        return attend(layout, k, v, q, visible, keys, values);
    }

    /** Output of every head for a query that sees these positions. */
    static double[] attend(
            KvLayout layout,
            float[][] k,
            float[][] v,
            float[] q,
            int[] visible,
            UnaryOperator<float[]> keys,
            UnaryOperator<float[]> values) {
        double[] out = new double[layout.heads() * layout.valueDim()];
        float[][] storedKeys = new float[visible.length][];
        float[][] storedValues = new float[visible.length][];
        for (int i = 0; i < visible.length; i++) {
            storedKeys[i] = keys.apply(k[visible[i]]);
            storedValues[i] = values.apply(v[visible[i]]);
        }
        for (int head = 0; head < layout.heads(); head++) {
            int kvHead = head / layout.group();
            double[] weights = new double[visible.length];
            double sum = 0;
            for (int i = 0; i < visible.length; i++) {
                float[] key = storedKeys[i];
                double dot = 0;
                for (int d = 0; d < layout.keyDim(); d++) {
                    dot += (double) q[head * layout.keyDim() + d] * key[kvHead * layout.keyDim() + d];
                }
                weights[i] = Math.exp(dot * layout.scale());
                sum += weights[i];
            }
            for (int i = 0; i < visible.length; i++) {
                float[] value = storedValues[i];
                for (int d = 0; d < layout.valueDim(); d++) {
                    out[head * layout.valueDim() + d] += weights[i] / sum * value[kvHead * layout.valueDim() + d];
                }
            }
        }
        return out;
    }

    /** Asserts that the error of {@code actual} stays below {@code tolerance} of the vector's norm. */
    static void assertClose(float[] actual, double[] expected, double tolerance, String what) {
        double error = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        assertThat(Math.sqrt(error / norm)).as(what).isLessThan(tolerance);
    }
}
