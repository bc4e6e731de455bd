package dev.quipu.bench.kernel;

import dev.quipu.kvcache.AttentionScratch;
import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

/** Attention of one layer, 32 query heads over 4 KV heads of 64 channels, on one thread, over a cache of some depth. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class Attention {
    private static final int HEADS = 32;
    private static final int KV_HEADS = 4;
    private static final int DIM = 64;
    private static final int BATCH = 512;
    private static final int LANES = 32;

    @Param({"F16", "Q8_0", "F32"})
    public KvType type = KvType.F16;

    @Param({"W512", "W256"})
    public SimdWidth width = SimdWidth.W512;

    @Param({"512", "6144"})
    public int depth;

    /** Tokens whose queries are answered: 1 is decoding. */
    @Param({"1", "128"})
    public int tokens;

    private @Nullable Layer layer;

    /** A cache of one layer, and room for a batch. */
    private static final class Layer {
        final Arena arena = Arena.ofShared();
        final KvCache cache;
        final AttentionScratch scratch;
        final MemorySegment q = RandomMatrix.floats(arena, (long) BATCH * HEADS * DIM);
        final MemorySegment out = arena.allocate((long) BATCH * HEADS * DIM * Float.BYTES, 64);

        Layer(KvLayout layout, SimdWidth width) {
            cache = KvCache.create(layout, Optional.of(width));
            scratch = cache.newScratch();
        }

        void append(int count) {
            for (int head = 0; head < KV_HEADS; head++) {
                cache.append(0, head, q, q, count);
            }
        }
    }

    @Setup(Level.Trial)
    public void fill() {
        Layer l = new Layer(
                new KvLayout(1, HEADS, KV_HEADS, DIM, DIM, 0.125f, type, type, depth + LANES * tokens), width);
        for (int position = 0; position < depth; position += BATCH) {
            l.cache.begin(BATCH);
            l.append(BATCH);
            l.cache.commit();
        }
        l.cache.begin(tokens);
        l.append(tokens);
        layer = l;
    }

    @TearDown(Level.Trial)
    public void free() {
        Layer l = Objects.requireNonNull(layer);
        l.cache.close();
        l.arena.close();
    }

    @Benchmark
    public void attend(Work work) {
        Layer l = Objects.requireNonNull(layer);
        int tasks = l.cache.attentionTasks(0, tokens);
        for (int task = 0; task < tasks; task++) {
            l.cache.attend(0, task, l.q, l.out, tokens, l.scratch);
        }
        l.cache.merge(0, l.out, tokens);
        work.bytes += l.cache.layout().bytes(depth);
        work.products += 2L * HEADS * DIM * tokens * (depth + (tokens + 1) / 2);
    }
}
