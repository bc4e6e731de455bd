package dev.quipu.runtime.matmul;

import com.sun.management.ThreadMXBean;
import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

/** Multiplies batches by every type's matrix until it allocates nothing, or for too long, and prints what it last allocated. */
final class BatchAllocationProbe {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROWS = 130;
    private static final int COLUMNS = 1024;
    private static final int TOKENS = 70;

    /** How long a compiler that is busy may take. */
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private BatchAllocationProbe() {}

    public static void main(String[] args) {
        Kernels kernels = Kernels.choose(KernelChoice.valueOf(args[0]), Precision.FAST);
        try (WorkerTeam team = new WorkerTeam(1, "probe");
                MatMul matMul = new MatMul(
                        kernels.width(), kernels.inPairs(), type -> kernels.of(type)::unpack, kernels::quants, team)) {
            for (GgmlType type : GgmlType.values()) {
                if (type.isWeight()) {
                    System.out.println("bytes " + type + " " + allocated(matMul, type));
                }
            }
        }
    }

    private static long allocated(MatMul matMul, GgmlType type) {
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix w = RandomWeights.matrix(arena, type, ROWS, COLUMNS, 9);
            MemorySegment x = arena.allocate(Tile.panels(TOKENS) * COLUMNS * Tile.PANEL_BYTES, 64);
            MemorySegment y = arena.allocate(Tile.panels(TOKENS) * ROWS * Tile.PANEL_BYTES, 64);
            x.fill((byte) 0x3c);
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            long allocated = 0;
            int quiet = 0;
            while (quiet < 5 && System.nanoTime() < deadline) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                matMul.multiply(w, x, y, TOKENS, false, null);
                matMul.multiply(w, x, y, TOKENS, true, null);
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
                quiet = allocated == 0 ? quiet + 1 : 0;
            }
            return allocated;
        }
    }
}
