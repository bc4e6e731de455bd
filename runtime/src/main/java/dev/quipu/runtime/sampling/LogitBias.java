package dev.quipu.runtime.sampling;

import java.util.Map;

/** Adds a fixed bias to the logits of chosen tokens; minus infinity forbids one. */
final class LogitBias implements SamplerStage {
    private final int[] tokens;
    private final float[] biases;

    LogitBias(Map<Integer, Float> bias) {
        tokens = bias.keySet().stream().mapToInt(Integer::intValue).toArray();
        biases = new float[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            biases[i] = bias.getOrDefault(tokens[i], 0f);
        }
    }

    @Override
    public void apply(Candidates candidates) {
        for (int i = 0; i < tokens.length; i++) {
            int at = candidates.indexOf(tokens[i]);
            if (at >= 0) {
                candidates.setLogit(at, candidates.logit(at) + biases[i]);
            }
        }
    }
}
