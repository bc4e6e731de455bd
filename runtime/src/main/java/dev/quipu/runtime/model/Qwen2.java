package dev.quipu.runtime.model;

/** Qwen 2 and 2.5 (arXiv 2407.10671): Llama with biases on query, key and value, and rotations in halves. */
final class Qwen2 implements Architecture {
    @Override
    public String name() {
        return "qwen2";
    }

    @Override
    public RopeStyle ropeStyle() {
        return RopeStyle.NEOX;
    }

    @Override
    public boolean requiresBias() {
        return true;
    }
}
