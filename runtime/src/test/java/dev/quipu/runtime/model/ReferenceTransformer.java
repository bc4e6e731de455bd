package dev.quipu.runtime.model;

import dev.quipu.gguf.GgufFile;
import dev.quipu.gguf.TensorInfo;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass in double precision, written for reading: the truth that the engine is compared with. Weights are
 * dequantised by the scalar definition of their type; nothing is batched, cached or approximated.
 */
public final class ReferenceTransformer {
    private final GgufFile file;
    private final ModelConfig config;
    private final Map<String, double[]> tensors = new HashMap<>();

    public ReferenceTransformer(GgufFile file, ModelConfig config) {
        this.file = file;
        this.config = config;
    }

    /** double[positions][vocabulary] */
    public double[][] logits(int[] tokens) {
        int n = tokens.length;
        int width = config.embeddingLength();
        double[] embedding = required("token_embd.weight");
        double[][] x = new double[n][width];
        for (int t = 0; t < n; t++) {
            System.arraycopy(embedding, tokens[t] * width, x[t], 0, width);
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            layer("blk." + layer + ".", x);
        }
        double[] output = file.tensor("output.weight").isPresent() ? required("output.weight") : embedding;
        double[][] logits = new double[n][];
        for (int t = 0; t < n; t++) {
            logits[t] = product(output, normed(x[t], required("output_norm.weight")), null);
        }
        return logits;
    }

    private void layer(String prefix, double[][] x) {
        int n = x.length;
        double[][] q = new double[n][];
        double[][] k = new double[n][];
        double[][] v = new double[n][];
        for (int t = 0; t < n; t++) {
            double[] h = normed(x[t], required(prefix + "attn_norm.weight"));
            q[t] = rotated(projected(prefix + "attn_q", h), t);
            k[t] = rotated(projected(prefix + "attn_k", h), t);
            v[t] = projected(prefix + "attn_v", h);
        }
        for (int t = 0; t < n; t++) {
            add(x[t], projected(prefix + "attn_output", attended(q[t], k, v, t)));
        }
        for (int t = 0; t < n; t++) {
            double[] h = normed(x[t], required(prefix + "ffn_norm.weight"));
            double[] gate = projected(prefix + "ffn_gate", h);
            double[] up = projected(prefix + "ffn_up", h);
            for (int i = 0; i < gate.length; i++) {
                gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
            }
            add(x[t], projected(prefix + "ffn_down", gate));
        }
    }

    private double[] attended(double[] q, double[][] k, double[][] v, int t) {
        int keyLength = config.keyLength();
        int valueLength = config.valueLength();
        double[] out = new double[config.heads() * valueLength];
        for (int head = 0; head < config.heads(); head++) {
            int kv = head / (config.heads() / config.kvHeads());
            double[] weights = new double[t + 1];
            double max = Double.NEGATIVE_INFINITY;
            for (int i = 0; i <= t; i++) {
                for (int d = 0; d < keyLength; d++) {
                    weights[i] += q[head * keyLength + d] * k[i][kv * keyLength + d];
                }
                weights[i] /= Math.sqrt(keyLength);
                max = Math.max(max, weights[i]);
            }
            double sum = 0;
            for (int i = 0; i <= t; i++) {
                weights[i] = Math.exp(weights[i] - max);
                sum += weights[i];
            }
            for (int i = 0; i <= t; i++) {
                for (int d = 0; d < valueLength; d++) {
                    out[head * valueLength + d] += weights[i] / sum * v[i][kv * valueLength + d];
                }
            }
        }
        return out;
    }

    /** Rotary positions, with the file's own factors, scaled linearly or by YaRN (arXiv 2309.00071, section 3). */
    private double[] rotated(double[] heads, int position) {
        int dimensions = config.ropeDimensions();
        int half = dimensions / 2;
        double[] factors = optional("rope_freqs.weight");
        double[] out = heads.clone();
        for (int head = 0; head < heads.length; head += config.keyLength()) {
            for (int i = 0; i < half; i++) {
                double frequency = Math.pow(config.ropeBase(), -2.0 * i / dimensions);
                double angle = position * scaled(factors == null ? frequency : frequency / factors[i], i);
                boolean halves = config.ropeStyle() == RopeStyle.NEOX;
                int a = head + (halves ? i : 2 * i);
                int b = head + (halves ? i + half : 2 * i + 1);
                out[a] = magnitude() * (heads[a] * Math.cos(angle) - heads[b] * Math.sin(angle));
                out[b] = magnitude() * (heads[a] * Math.sin(angle) + heads[b] * Math.cos(angle));
            }
        }
        return out;
    }

    private double scaled(double frequency, int pair) {
        RopeScaling scaling = config.ropeScaling();
        return switch (scaling.type()) {
            case NONE -> frequency;
            case LINEAR -> frequency / scaling.factor();
            case YARN -> {
                double start = Math.max(0, Math.floor(pairOf(scaling.betaFast())));
                double end = Math.min(config.ropeDimensions() - 1, Math.ceil(pairOf(scaling.betaSlow())));
                double kept = 1 - Math.min(1, Math.max(0, (pair - start) / Math.max(0.001, end - start)));
                yield frequency * kept + frequency / scaling.factor() * (1 - kept);
            }
        };
    }

    /** The pair that turns so often within the original context, as a real number. */
    private double pairOf(double rotations) {
        double turnsPerToken = rotations / config.ropeScaling().originalContext();
        return -Math.log(turnsPerToken * 2 * Math.PI) / Math.log(config.ropeBase()) * config.ropeDimensions() / 2;
    }

    private double magnitude() {
        RopeScaling scaling = config.ropeScaling();
        return scaling.type() == RopeScaling.Type.YARN ? 1 + 0.1 * Math.log(scaling.factor()) : 1;
    }

    private double[] normed(double[] x, double[] weight) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double scale = 1 / Math.sqrt(squares / x.length + config.normEpsilon());
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i] * scale * weight[i];
        }
        return y;
    }

    private double[] projected(String name, double[] x) {
        return product(required(name + ".weight"), x, optional(name + ".bias"));
    }

    private static double[] product(double[] w, double[] x, double @Nullable [] bias) {
        double[] y = new double[w.length / x.length];
        for (int row = 0; row < y.length; row++) {
            double sum = bias == null ? 0 : bias[row];
            for (int column = 0; column < x.length; column++) {
                sum += w[row * x.length + column] * x[column];
            }
            y[row] = sum;
        }
        return y;
    }

    private static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }

    private double[] required(String name) {
        double[] values = optional(name);
        if (values == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return values;
    }

    private double @Nullable [] optional(String name) {
        if (file.tensor(name).isEmpty()) {
            return null;
        }
        return tensors.computeIfAbsent(name, this::read);
    }

    private double[] read(String name) {
        TensorInfo info = file.tensor(name).orElseThrow();
        float[] values = new float[Math.toIntExact(info.elements())];
        info.type().dequantize(file.data(info), 0, values, 0, values.length);
        double[] doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
