package dev.quipu.kvcache.simd;

import java.lang.foreign.MemorySegment;

/**
 * Native memory in the one form that kernels get to see.
 *
 * <p>Java has two classes of native segments, for allocated memory and for mapped files. A process whose kernels meet both
 * pays at every access of every vector for telling them apart: the products run at half their speed. What {@code
 * reinterpret} returns is always of the first class, with the address and the scope of the mapping.
 */
public final class PlainMemory {
    private PlainMemory() {}

    /**
     * The same memory, valid as long; or the segment itself where the user does not grant native access ({@code
     * --enable-native-access}), which {@code reinterpret} asks for.
     */
    @SuppressWarnings("restricted")
    public static MemorySegment of(MemorySegment memory) {
        return PlainMemory.class.getModule().isNativeAccessEnabled() ? memory.reinterpret(memory.byteSize()) : memory;
    }
}
