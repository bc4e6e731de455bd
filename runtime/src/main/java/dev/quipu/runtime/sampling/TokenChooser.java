package dev.quipu.runtime.sampling;

/** The end of the chain: takes one of the candidates. */
interface TokenChooser {
    int choose(Candidates candidates);

    /** Forgets what was chosen. */
    void reset();
}
