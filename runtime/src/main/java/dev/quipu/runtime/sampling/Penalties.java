package dev.quipu.runtime.sampling;

/**
 * Makes tokens that occurred lately less likely: the repetition penalty of CTRL (arXiv 1909.05858) divides positive and
 * multiplies negative logits; the frequency penalty subtracts for each occurrence, the presence penalty once.
 */
final class Penalties implements SamplerStage {
    private final float repeat;
    private final float frequency;
    private final float presence;
    private final RecentTokens recent;
    private final int[] counts;

    Penalties(int lastTokens, float repeat, float frequency, float presence, int vocabulary) {
        this.repeat = repeat;
        this.frequency = frequency;
        this.presence = presence;
        recent = new RecentTokens(lastTokens);
        counts = new int[vocabulary];
    }

    @Override
    public void apply(Candidates candidates) {
        for (int back = 0; back < recent.size(); back++) {
            counts[recent.get(back)]++;
        }
        for (int back = 0; back < recent.size(); back++) {
            int token = recent.get(back);
            int at = counts[token] > 0 ? candidates.indexOf(token) : -1;
            if (at >= 0) {
                float logit = candidates.logit(at);
                float repeated = logit <= 0 ? logit * repeat : logit / repeat;
                candidates.setLogit(at, repeated - counts[token] * frequency - presence);
            }
            counts[token] = 0;
        }
    }

    @Override
    public void accept(int token) {
        if (token >= 0 && token < counts.length) {
            recent.add(token);
        }
    }

    @Override
    public void reset() {
        recent.clear();
    }
}
