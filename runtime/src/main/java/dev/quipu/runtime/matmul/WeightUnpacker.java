package dev.quipu.runtime.matmul;

import java.lang.foreign.MemorySegment;

/** Turns blocks of a tensor type into floats; see {@link dev.quipu.runtime.kernel.TypeKernel#unpack}. */
@FunctionalInterface
public interface WeightUnpacker {
    void unpack(MemorySegment weights, long offset, float[] dst, int dstOffset, int elements);
}
