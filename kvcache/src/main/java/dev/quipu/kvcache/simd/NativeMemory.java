package dev.quipu.kvcache.simd;

import java.lang.foreign.MemorySegment;

/**
 * All native memory as one segment, whose offsets are addresses: the form in which kernels see what they read and write.
 *
 * <p>An access through a segment that C2 does not know begins with finding out what kind it is and whether it is still alive.
 * Those checks leave a loop only if every segment that the process has ever accessed was of one kind: what the JVM learns about
 * accesses is kept once for all callers. So the same kernel ran at full or at half its speed, as it happened. This segment is
 * a constant that lives for ever: nothing of the kind is left to ask, and little to compile.
 *
 * <p>Nothing is checked, either. Callers pass addresses within segments whose size they know and which stay alive meanwhile.
 */
public final class NativeMemory {
    /** From address 0 on; nothing where the user denies native access. */
    public static final MemorySegment ALL = all();

    private NativeMemory() {}

    /** @throws IllegalStateException if the user denies native access, without which no kernel works */
    public static void require() {
        if (ALL.byteSize() == 0) {
            Module module = NativeMemory.class.getModule();
            throw new IllegalStateException("native access is denied; start Java with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment all() {
        try {
            return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
        } catch (IllegalCallerException denied) {
            return MemorySegment.NULL;
        }
    }
}
