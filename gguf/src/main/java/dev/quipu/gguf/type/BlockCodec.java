package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/** A tensor type: what the elements of one block are, and a plain way to make a block of elements. */
public interface BlockCodec {
    /**
     * The definition of the type.
     *
     * @param offset of the block in {@code src}, in bytes
     * @param at where in {@code dst} its elements begin
     */
    void decode(MemorySegment src, long offset, float[] dst, int at);

    /**
     * Rounds elements to a block, of reference quality: simple, and near the least squared error, but not searching for it.
     *
     * @param at where in {@code src} the elements begin; all are finite, and small enough for the type's scale
     * @param offset of the block in {@code dst}, in bytes
     */
    void encode(float[] src, int at, MemorySegment dst, long offset);
}
