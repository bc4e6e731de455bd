package dev.quipu.runtime.kernel;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Weights of one tensor type as floats: bit for bit what the type's scalar definition makes of them. */
interface Unpacker {
    ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
    ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);

    /**
     * @param offset byte offset of a block in {@code w}
     * @param elements a multiple of the type's block
     */
    void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements);

    /** As many bytes as a vector of {@code width}, 256 bits at least, has floats. */
    static VectorSpecies<Byte> bytes(SimdWidth width) {
        return VectorSpecies.of(byte.class, VectorShape.forBitSize(Byte.SIZE * width.lanes()));
    }
}
