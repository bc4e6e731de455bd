package dev.quipu.runtime.kernel;

/** What becomes of activations before they meet the weights. */
public enum Precision {
    /** They stay 32-bit floats: as exact as float arithmetic is. */
    FLOAT,
    /** They are quantised to eight bits per block where the weights are quantised too, as llama.cpp does. */
    FAST
}
