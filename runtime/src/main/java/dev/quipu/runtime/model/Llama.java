package dev.quipu.runtime.model;

/** Llama 1 to 3.x, Mistral, SmolLM, TinyLlama, Yi and their kin (arXiv 2302.13971). */
final class Llama implements Architecture {
    @Override
    public String name() {
        return "llama";
    }

    @Override
    public RopeStyle ropeStyle() {
        return RopeStyle.NORMAL;
    }

    @Override
    public boolean requiresBias() {
        return false;
    }
}
