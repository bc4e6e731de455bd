package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;

/** Activations as they are: float[columns]. */
enum FloatActivations implements ActivationFormat {
    PLAIN;

    @Override
    public long bytes(int columns) {
        return 0;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {}
}
