package dev.quipu.runtime.sampling;

/** Keeps the k highest logits (arXiv 1805.04833, section 5.4); all if k is 0 or less. */
record TopK(int k, int minKeep) implements SamplerStage {
    @Override
    public void apply(Candidates candidates) {
        if (k > 0) {
            candidates.keepTop(Math.max(k, minKeep));
        }
    }
}
