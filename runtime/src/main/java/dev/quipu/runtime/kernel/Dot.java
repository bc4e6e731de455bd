package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;

/** The sum of products of two float vectors, added up in an order that depends on the length alone. */
interface Dot {
    /**
     * @param w float[n]; scratch memory, whose first 16 elements may be overwritten
     * @param x float[n] at byte {@code xOffset}
     */
    float dot(float[] w, MemorySegment x, long xOffset, int n);
}
