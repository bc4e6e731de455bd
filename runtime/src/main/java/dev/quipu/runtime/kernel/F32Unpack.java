package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Weights of F32 rows: a copy. */
final class F32Unpack implements Unpacker {
    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        MemorySegment.copy(w, ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE), offset, dst, dstOffset, elements);
    }
}
