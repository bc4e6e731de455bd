package dev.quipu.runtime.sampling;

/** One step of the chain: it drops candidates or changes their logits. */
interface SamplerStage {
    void apply(Candidates candidates);

    /** A token was chosen, or is part of the prompt. */
    default void accept(int token) {}

    /** Forgets all that was accepted. */
    default void reset() {}
}
