package dev.quipu.runtime.model;

import dev.quipu.runtime.kernel.ActivationFormat;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.TypeKernel;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Up to three matrices times one vector, as one job of the worker team: the input is prepared once for all of them, and
 * their rows are handed out in chunks. Nothing is allocated per product.
 */
final class MatrixVector implements WorkerTeam.Task, AutoCloseable {
    /** Chunks per thread and matrix: a thread that loses its core holds up the others by one of these. */
    private static final int CHUNKS_PER_THREAD = 16;

    /** Less is not worth a chunk: a hardware prefetcher needs some pages of a stream to be ahead of it. */
    private static final long MIN_CHUNK_BYTES = 96 << 10;

    private static final int MOST = 3;

    private final Kernels kernels;
    private final WorkerTeam team;
    private final WeightMatrix[] matrices = new WeightMatrix[MOST];
    private final TypeKernel[] typeKernels = new TypeKernel[MOST];
    private final MemorySegment[] inputs = new MemorySegment[MOST];
    private final MemorySegment[] outputs = new MemorySegment[MOST];
    private final int[] chunks = new int[MOST];
    private final ActivationFormat[] formats = new ActivationFormat[MOST];
    private final MemorySegment[] prepared = new MemorySegment[MOST];
    private final @Nullable Arena[] arenas = new Arena[MOST];
    private int count;
    private int prepareds;

    MatrixVector(Kernels kernels, WorkerTeam team) {
        this.kernels = kernels;
        this.team = team;
        for (int i = 0; i < MOST; i++) {
            prepared[i] = MemorySegment.NULL;
        }
    }

    /** y = W x. */
    void multiply(MemorySegment x, WeightMatrix w, MemorySegment y) {
        begin();
        add(x, w, y);
        run();
    }

    /** y1 = W1 x, y2 = W2 x. */
    void multiply(MemorySegment x, WeightMatrix w1, MemorySegment y1, WeightMatrix w2, MemorySegment y2) {
        begin();
        add(x, w1, y1);
        add(x, w2, y2);
        run();
    }

    /** y1 = W1 x, y2 = W2 x, y3 = W3 x. */
    void multiply(
            MemorySegment x,
            WeightMatrix w1,
            MemorySegment y1,
            WeightMatrix w2,
            MemorySegment y2,
            WeightMatrix w3,
            MemorySegment y3) {
        begin();
        add(x, w1, y1);
        add(x, w2, y2);
        add(x, w3, y3);
        run();
    }

    private void begin() {
        count = 0;
        prepareds = 0;
    }

    private void add(MemorySegment x, WeightMatrix w, MemorySegment y) {
        TypeKernel kernel = kernels.of(w.type());
        matrices[count] = w;
        typeKernels[count] = kernel;
        outputs[count] = y;
        inputs[count] = prepare(x, kernel.format(), w.columns());
        chunks[count] = Math.clamp(w.data().byteSize() / MIN_CHUNK_BYTES, 1, CHUNKS_PER_THREAD * team.threads());
        count++;
    }

    private MemorySegment prepare(MemorySegment x, ActivationFormat format, int columns) {
        long bytes = format.bytes(columns);
        if (bytes == 0) {
            return x;
        }
        for (int i = 0; i < prepareds; i++) {
            if (formats[i].equals(format)) {
                return prepared[i];
            }
        }
        int slot = prepareds++;
        formats[slot] = format;
        if (prepared[slot].byteSize() < bytes) {
            Arena old = arenas[slot];
            if (old != null) {
                old.close();
            }
            Arena arena = Arena.ofShared();
            arenas[slot] = arena;
            prepared[slot] = arena.allocate(bytes, 64);
        }
        format.prepare(x, prepared[slot], columns);
        return prepared[slot];
    }

    private void run() {
        int tasks = 0;
        for (int i = 0; i < count; i++) {
            tasks += chunks[i];
        }
        team.run(tasks, this);
    }

    @Override
    public void run(int task, int worker) {
        int matrix = 0;
        int chunk = task;
        while (chunk >= chunks[matrix]) {
            chunk -= chunks[matrix++];
        }
        typeKernels[matrix].multiply(matrices[matrix], inputs[matrix], outputs[matrix], chunk, chunks[matrix]);
    }

    @Override
    public void close() {
        for (Arena arena : arenas) {
            if (arena != null) {
                arena.close();
            }
        }
    }
}
