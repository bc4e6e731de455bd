package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/** The definition of a tensor type: what the elements of one block are. */
@FunctionalInterface
public interface BlockDecoder {
    /**
     * @param offset of the block in {@code src}, in bytes
     * @param at where in {@code dst} its elements begin
     */
    void decode(MemorySegment src, long offset, float[] dst, int at);
}
