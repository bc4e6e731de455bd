package dev.quipu.bench.kernel;

import dev.quipu.kvcache.EvictionPlan;
import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.OutputProjection;
import dev.quipu.kvcache.TaskRunner;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
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

/** Choosing the quarter of one layer's cells that stays, 8 query heads over 2 KV heads of 64 channels, on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class EvictionPass {
    private static final int HEADS = 8;
    private static final int KV_HEADS = 2;
    private static final int DIM = 64;
    private static final int BATCH = 512;

    @Param({"snapkv", "criticalkv", "loo"})
    public String policy = "";

    @Param({"W512", "W256"})
    public SimdWidth width = SimdWidth.W512;

    @Param("4096")
    public int cells;

    private final KvBudget budget = new KvBudget.Share(0.25);
    private final TaskRunner runner = TaskRunner.sequential();
    private @Nullable KvPolicy parsed;
    private @Nullable KvCache cache;

    /** A projection of constant slices: their values change nothing in the work. */
    private static final class Constant implements OutputProjection {
        @Override
        public int width() {
            return HEADS * DIM;
        }

        @Override
        public void slice(int layer, int head, float[] slice) {
            Arrays.fill(slice, 0.125f);
        }
    }

    @Setup(Level.Trial)
    public void fill() {
        KvPolicy read = KvPolicy.parse(policy);
        KvLayout layout = new KvLayout(1, HEADS, KV_HEADS, DIM, DIM, 0.125f, KvType.F16, KvType.F16, cells + BATCH);
        KvCache filled = KvCache.create(layout, Optional.of(width), read.needs(), Optional.of(new Constant()));
        try (Arena arena = Arena.ofShared()) {
            MemorySegment rows = RandomMatrix.floats(arena, (long) BATCH * HEADS * DIM);
            MemorySegment out = arena.allocate((long) BATCH * HEADS * DIM * Float.BYTES, 64);
            var scratch = filled.newScratch();
            for (int position = 0; position < cells; position += BATCH) {
                filled.begin(BATCH);
                for (int head = 0; head < KV_HEADS; head++) {
                    filled.append(0, head, rows, rows, BATCH);
                }
                for (int task = 0; task < filled.attentionTasks(0, BATCH); task++) {
                    filled.attend(0, task, rows, out, BATCH, scratch);
                }
                filled.merge(0, out, BATCH);
                filled.commit();
            }
        }
        parsed = read;
        cache = filled;
    }

    @TearDown(Level.Trial)
    public void free() {
        Objects.requireNonNull(cache).close();
    }

    @Benchmark
    public EvictionPlan plan() {
        return Objects.requireNonNull(cache).plan(Objects.requireNonNull(parsed), budget, runner);
    }
}
