package dev.quipu.runtime.model;

/** Which two elements of a head one rotation turns. */
public enum RopeStyle {
    /** Neighbours: (0, 1), (2, 3), … as in Llama files. */
    NORMAL,
    /** Halves: (0, d/2), (1, d/2 + 1), … as in GPT-NeoX and Qwen. */
    NEOX
}
