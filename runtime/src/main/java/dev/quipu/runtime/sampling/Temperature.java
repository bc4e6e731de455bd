package dev.quipu.runtime.sampling;

/**
 * Divides logits by the temperature; 0 or less keeps the likeliest token only. With a range (dynamic temperature,
 * kalomaze, llama.cpp pull request 4972) the temperature lies between t - range and t + range, by how uncertain the model
 * is: its entropy relative to the largest possible, to the power of an exponent.
 */
record Temperature(double temperature, double range, double exponent) implements SamplerStage {
    @Override
    public void apply(Candidates candidates) {
        if (range > 0) {
            if (candidates.size() > 1) {
                scale(candidates, dynamic(candidates));
            }
        } else {
            scale(candidates, temperature);
        }
    }

    private double dynamic(Candidates candidates) {
        double low = Math.max(0, temperature - range);
        double high = temperature + range;
        candidates.softmax();
        double entropy = 0;
        for (int i = 0; i < candidates.size(); i++) {
            double p = candidates.probability(i);
            entropy -= p > 0 ? p * Math.log(p) : 0;
        }
        return low + (high - low) * Math.pow(entropy / Math.log(candidates.size()), exponent);
    }

    private static void scale(Candidates candidates, double by) {
        if (by <= 0) {
            candidates.keepTop(1);
        } else {
            candidates.scale(1 / by);
        }
    }
}
