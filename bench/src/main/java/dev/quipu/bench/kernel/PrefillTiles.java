package dev.quipu.bench.kernel;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.matmul.MatMul;
import dev.quipu.runtime.parallel.WorkerTeam;
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

/** Four tiles of 48 rows and 2048 columns times a batch of tokens, unpacking and quantising included, on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class PrefillTiles {
    private static final int ROWS = 4 * 48;
    private static final int COLUMNS = 2048;

    @Param({"Q4_0", "Q8_0", "Q4_K", "Q6_K"})
    public GgmlType type = GgmlType.Q4_0;

    @Param({"512", "256"})
    public String width = "";

    @Param("FAST")
    public Precision precision = Precision.FAST;

    @Param({"32", "512"})
    public int tokens;

    private @Nullable Product product;

    /** What is multiplied. */
    private static final class Product {
        final Arena arena = Arena.ofShared();
        final WorkerTeam team = new WorkerTeam(1, "bench");
        final MatMul panels;
        final WeightMatrix w;
        final MemorySegment x;
        final MemorySegment y;

        Product(Kernels kernels, GgmlType type, int tokens) {
            panels = new MatMul(kernels.width(), kernels.inPairs(), t -> kernels.of(t)::unpack, kernels::quants, team);
            w = RandomMatrix.weights(arena, type, ROWS, COLUMNS);
            x = RandomMatrix.floats(arena, (long) tokens * COLUMNS);
            y = arena.allocate((long) tokens * ROWS * Float.BYTES, 64);
        }
    }

    @Setup(Level.Trial)
    public void prepare() {
        product = new Product(Kernels.choose(KernelChoice.parse(width), precision), type, tokens);
    }

    @TearDown(Level.Trial)
    public void free() {
        Product p = Objects.requireNonNull(product);
        p.panels.close();
        p.team.close();
        p.arena.close();
    }

    @Benchmark
    public void multiply(Work work) {
        Product p = Objects.requireNonNull(product);
        p.panels.multiply(p.w, p.x, p.y, tokens, false, null);
        work.bytes += ROWS * p.w.rowBytes();
        work.products += (long) ROWS * COLUMNS * tokens;
    }
}
