package dev.quipu.runtime;

import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;

/** Chooses kernels, twice, and prints what is said about it. */
final class NativeAccessProbe {
    private NativeAccessProbe() {}

    public static void main(String[] args) {
        for (int i = 0; i < 2; i++) {
            try {
                System.out.println(
                        Kernels.choose(KernelChoice.AUTO, Precision.FLOAT).description());
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
