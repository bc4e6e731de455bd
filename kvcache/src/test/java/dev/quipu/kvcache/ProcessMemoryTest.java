package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPreset;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Memory as the system sees it: eviction and closing give it back. */
class ProcessMemoryTest {
    private static final long MIB = 1 << 20;
    private static final KvLayout LAYOUT = new KvLayout(4, 4, 4, 128, 128, 0.1f, KvType.F32, KvType.F32, 8192);

    @Test
    void evictedCellsLeaveTheProcess() throws IOException {
        KvCache cache = KvCache.create(LAYOUT, Optional.empty(), Set.of(), Optional.empty());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rows = arena.allocate(512L * 4 * 512, 64);
            fill(cache, rows, 512);
            long empty = processBytes();
            for (int i = 0; i < 15; i++) {
                fill(cache, rows, 512);
            }
            long full = processBytes();
            long held = cache.residentBytes();
            assertThat(held).isBetween(LAYOUT.bytes(8192), LAYOUT.bytes(8192) + 4 * MIB);
            EvictionReport report =
                    cache.evict(KvPreset.STREAMING.policy(), new KvBudget.Share(0.2), TaskRunner.sequential());
            assertThat(report.bytesBefore()).isEqualTo(held);
            assertThat((double) report.bytesAfter() / held).isBetween(0.18, 0.22);
            assertThat(cache.residentBytes()).isEqualTo(report.bytesAfter());
            long evicted = processBytes();
            cache.close();
            long closed = processBytes();
            if (Files.exists(Path.of("/proc/self/statm"))) {
                long given = held - report.bytesAfter();
                assertThat(full - empty).isCloseTo(LAYOUT.bytes(7680), Percentage.withPercentage(20));
                assertThat(full - evicted).isGreaterThan(given * 8 / 10);
                assertThat(evicted - closed).isGreaterThan(report.bytesAfter() * 6 / 10);
            }
        }
    }

    private static void fill(KvCache cache, MemorySegment rows, int tokens) {
        cache.begin(tokens);
        for (int layer = 0; layer < LAYOUT.layers(); layer++) {
            for (int kvHead = 0; kvHead < 4; kvHead++) {
                cache.append(layer, kvHead, rows, rows, tokens);
            }
        }
        cache.commit();
    }

    /** Resident pages of this process, outside the Java heap as far as collections allow; 0 where the system does not tell. */
    private static long processBytes() throws IOException {
        Path status = Path.of("/proc/self/statm");
        if (!Files.exists(status)) {
            return 0;
        }
        return Long.parseLong(Files.readString(status).split(" ")[1]) * 4096;
    }
}
