package dev.quipu.kvcache;

import com.sun.management.ThreadMXBean;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Prints the bytes that attention allocates once warm, per type and batch: {@code bytes F16 1 0}. */
final class AllocationProbe {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long WARM_UP_NANOS = 20_000_000_000L; // of this thread's processor time
    private static final int STEPS = 10;

    private AllocationProbe() {}

    /** @param args the width in bits, 0 for scalar; a width that the processor lacks prints nothing but says so */
    public static void main(String[] args) {
        int bits = Integer.parseInt(args[0]);
        Optional<SimdWidth> width =
                Arrays.stream(SimdWidth.values()).filter(w -> w.bits() == bits).findAny();
        if (width.isPresent() && !width.get().supported()) {
            System.out.println("bytes of unsupported width 0");
            return;
        }
        for (KvType type : KvType.values()) {
            for (int tokens : new int[] {1, 40}) {
                System.out.println("bytes " + type + " " + tokens + " " + allocated(width, type, tokens, Set.of()));
            }
        }
        EnumSet<Statistic> all = EnumSet.allOf(Statistic.class);
        System.out.println("bytes with statistics " + allocated(width, KvType.F16, 1, all));
    }

    private static long allocated(Optional<SimdWidth> width, KvType type, int tokens, Set<Statistic> statistics) {
        KvLayout layout = new KvLayout(1, 3, 1, 64, 64, 0.125f, type, type, 512);
        KvCache cache = KvCache.create(layout, width, statistics, Optional.of(new RandomProjection(48, 64)));
        try (CacheDriver driver = new CacheDriver(layout, cache, 5)) {
            driver.run(65);
            MemorySegment k = driver.allocate(64, tokens);
            MemorySegment q = driver.allocate(3 * 64, tokens);
            MemorySegment out = driver.allocate(3 * 64, tokens);
            long bytes = Long.MAX_VALUE;
            long end = THREADS.getCurrentThreadCpuTime() + WARM_UP_NANOS;
            while (bytes != 0 && THREADS.getCurrentThreadCpuTime() < end) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < STEPS; i++) {
                    step(driver, k, q, out, tokens);
                }
                bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
            }
            return bytes;
        }
    }

    private static void step(CacheDriver driver, MemorySegment k, MemorySegment q, MemorySegment out, int tokens) {
        KvCache cache = driver.cache;
        cache.begin(tokens);
        cache.append(0, 0, k, k, tokens);
        int tasks = cache.attentionTasks(0, tokens);
        for (int task = 0; task < tasks; task++) {
            cache.attend(0, task, q, out, tokens, driver.scratch);
        }
        cache.merge(0, out, tokens);
    }
}
