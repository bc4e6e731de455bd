package dev.quipu.bench.kernel;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.kernel.ActivationFormat;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.kernel.TypeKernel;
import dev.quipu.runtime.kernel.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Rows of weights times one vector of 2048 channels, on one thread: a chunk of rows an operation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class DecodeRows {
    private static final int COLUMNS = 2048;
    private static final int CACHED_ROWS = 12;
    private static final long STREAMED_BYTES = 256L << 20;
    private static final int CHUNK_ROWS = 64;

    @Param({"Q4_0", "Q8_0", "Q4_K", "Q6_K"})
    public GgmlType type = GgmlType.Q4_0;

    @Param({"512", "256"})
    public String width = "";

    @Param("FAST")
    public Precision precision = Precision.FAST;

    /** Whether the weights stay in the first-level cache or come from memory. */
    @Param({"cached", "streamed"})
    public String where = "";

    private @Nullable Product product;

    /** What is multiplied, and how far the operations have come. */
    private static final class Product {
        final Arena arena = Arena.ofShared();
        final TypeKernel kernel;
        final WeightMatrix w;
        final MemorySegment x;
        final MemorySegment y;
        final int chunks;
        int chunk;

        Product(TypeKernel kernel, GgmlType type, int rows) {
            this.kernel = kernel;
            w = RandomMatrix.weights(arena, type, rows, COLUMNS);
            y = arena.allocate((long) rows * Float.BYTES, 64);
            chunks = Math.max(1, rows / CHUNK_ROWS);
            MemorySegment floats = RandomMatrix.floats(arena, COLUMNS);
            ActivationFormat format = kernel.format();
            long bytes = format.bytes(COLUMNS);
            if (bytes == 0) {
                x = floats;
            } else {
                x = arena.allocate(bytes, 64);
                format.prepare(floats, x, COLUMNS);
            }
        }
    }

    @Setup(Level.Trial)
    public void prepare() {
        TypeKernel kernel = Kernels.choose(KernelChoice.parse(width), precision).of(type);
        int rows = where.equals("cached") ? CACHED_ROWS : (int) (STREAMED_BYTES / type.rowBytes(COLUMNS));
        product = new Product(kernel, type, rows);
    }

    @TearDown(Level.Trial)
    public void free() {
        Objects.requireNonNull(product).arena.close();
    }

    @Benchmark
    public void multiply(Work work) {
        Product p = Objects.requireNonNull(product);
        p.kernel.multiply(p.w, p.x, p.y, p.chunk, p.chunks);
        p.chunk = p.chunk + 1 < p.chunks ? p.chunk + 1 : 0;
        work.bytes += p.w.rows() * p.w.rowBytes() / p.chunks;
        work.products += (long) p.w.rows() * COLUMNS / p.chunks;
    }
}
