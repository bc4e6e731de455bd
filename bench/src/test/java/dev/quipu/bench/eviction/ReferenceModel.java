package dev.quipu.bench.eviction;

import static dev.quipu.bench.eviction.SmallModel.DIM;
import static dev.quipu.bench.eviction.SmallModel.HEADS;
import static dev.quipu.bench.eviction.SmallModel.KV_HEADS;
import static dev.quipu.bench.eviction.SmallModel.LAYERS;
import static dev.quipu.bench.eviction.SmallModel.WIDTH;

import java.util.Map;
import java.util.Objects;

/** {@link SmallModel} in float64, from the formulas of arXiv 2302.13971: attention and projected values of every query head. */
final class ReferenceModel {
    private final Map<String, float[]> weights;

    /** double[layers][heads][queries][cells]. */
    final double[][][][] attention;

    /** {@code v W_O}: double[layers][heads][cells][width]. */
    final double[][][][] projected;

    ReferenceModel(Map<String, float[]> weights, int[] tokens) {
        this.weights = weights;
        int n = tokens.length;
        attention = new double[LAYERS][HEADS][n][n];
        projected = new double[LAYERS][HEADS][n][WIDTH];
        double[][] x = new double[n][WIDTH];
        for (int t = 0; t < n; t++) {
            for (int c = 0; c < WIDTH; c++) {
                x[t][c] = weight("token_embd.weight")[tokens[t] * WIDTH + c];
            }
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            attend(layer, x);
            feedForward("blk." + layer + ".", x);
        }
    }

    private float[] weight(String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    private void attend(int layer, double[][] x) {
        String prefix = "blk." + layer + ".";
        int n = x.length;
        double[][] q = new double[n][];
        double[][] k = new double[n][];
        double[][] v = new double[n][];
        for (int t = 0; t < n; t++) {
            double[] normed = norm(x[t], weight(prefix + "attn_norm.weight"));
            q[t] = rotated(product(weight(prefix + "attn_q.weight"), normed), t);
            k[t] = rotated(product(weight(prefix + "attn_k.weight"), normed), t);
            v[t] = product(weight(prefix + "attn_v.weight"), normed);
        }
        float[] out = weight(prefix + "attn_output.weight");
        for (int head = 0; head < HEADS; head++) {
            int kv = head / (HEADS / KV_HEADS) * DIM;
            for (int t = 0; t < n; t++) {
                for (int c = 0; c < WIDTH; c++) {
                    for (int d = 0; d < DIM; d++) {
                        projected[layer][head][t][c] += v[t][kv + d] * out[c * WIDTH + head * DIM + d];
                    }
                }
                softmax(q[t], head * DIM, k, kv, t, attention[layer][head][t]);
            }
            for (int t = 0; t < n; t++) {
                for (int i = 0; i <= t; i++) {
                    for (int c = 0; c < WIDTH; c++) {
                        x[t][c] += attention[layer][head][t][i] * projected[layer][head][i][c];
                    }
                }
            }
        }
    }

    private static void softmax(double[] q, int from, double[][] k, int kv, int t, double[] weights) {
        double sum = 0;
        for (int i = 0; i <= t; i++) {
            double dot = 0;
            for (int d = 0; d < DIM; d++) {
                dot += q[from + d] * k[i][kv + d];
            }
            weights[i] = Math.exp(dot / Math.sqrt(DIM));
            sum += weights[i];
        }
        for (int i = 0; i <= t; i++) {
            weights[i] /= sum;
        }
    }

    private void feedForward(String prefix, double[][] x) {
        for (double[] row : x) {
            double[] normed = norm(row, weight(prefix + "ffn_norm.weight"));
            double[] gate = product(weight(prefix + "ffn_gate.weight"), normed);
            double[] up = product(weight(prefix + "ffn_up.weight"), normed);
            for (int i = 0; i < gate.length; i++) {
                gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
            }
            double[] down = product(weight(prefix + "ffn_down.weight"), gate);
            for (int c = 0; c < WIDTH; c++) {
                row[c] += down[c];
            }
        }
    }

    private static double[] norm(double[] x, float[] weight) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double[] result = new double[x.length];
        for (int c = 0; c < x.length; c++) {
            result[c] = x[c] / Math.sqrt(squares / x.length + 1e-5) * weight[c];
        }
        return result;
    }

    private static double[] product(float[] matrix, double[] x) {
        double[] y = new double[matrix.length / x.length];
        for (int row = 0; row < y.length; row++) {
            for (int c = 0; c < x.length; c++) {
                y[row] += matrix[row * x.length + c] * x[c];
            }
        }
        return y;
    }

    /** Rotary positions of adjacent pairs. */
    private static double[] rotated(double[] x, int position) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i += 2) {
            double angle = position * Math.pow(10_000, -(double) (i % DIM) / DIM);
            y[i] = x[i] * Math.cos(angle) - x[i + 1] * Math.sin(angle);
            y[i + 1] = x[i] * Math.sin(angle) + x[i + 1] * Math.cos(angle);
        }
        return y;
    }
}
