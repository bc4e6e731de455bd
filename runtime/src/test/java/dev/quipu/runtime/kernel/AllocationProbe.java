package dev.quipu.runtime.kernel;

import com.sun.management.ThreadMXBean;
import dev.quipu.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

/** Multiplies by every kernel of one width until it allocates nothing, or for too long, and prints what it last allocated. */
final class AllocationProbe {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROWS = 66;
    private static final int COLUMNS = 2048;

    /** How much of the processor interpreted code may take until a compiler that is busy has replaced it. */
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private AllocationProbe() {}

    public static void main(String[] args) {
        for (Precision precision : Precision.values()) {
            Kernels kernels = Kernels.choose(KernelChoice.valueOf(args[0]), precision);
            for (GgmlType type : DecodeKernelTest.types()) {
                TypeKernel kernel = kernels.of(type);
                // What takes floats as they are is the same at both precisions.
                if (precision == Precision.FLOAT
                        || kernel.format() instanceof QuantizedActivations
                        || kernel.format() == FloatActivations.ROUNDED) {
                    System.out.println("bytes " + precision + " " + type + " " + allocated(kernel, type));
                }
            }
        }
    }

    private static long allocated(TypeKernel kernel, GgmlType type) {
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix w = RandomBlocks.ORDINARY.matrix(arena, type, ROWS, COLUMNS, 9);
            MemorySegment x = DecodeKernelTest.activations(arena, COLUMNS, 9);
            long bytes = kernel.format().bytes(COLUMNS);
            MemorySegment prepared = bytes == 0 ? x : arena.allocate(bytes, 64);
            MemorySegment y = arena.allocate(4L * ROWS, 64);
            long deadline = THREADS.getCurrentThreadCpuTime() + PATIENCE_NANOS;
            long allocated = 0;
            int quiet = 0;
            while (quiet < 5 && THREADS.getCurrentThreadCpuTime() < deadline) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 20; i++) {
                    kernel.format().prepare(x, prepared, COLUMNS);
                    kernel.multiply(w, prepared, y, i % 2, 2);
                }
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
                quiet = allocated == 0 ? quiet + 1 : 0;
            }
            return allocated;
        }
    }
}
