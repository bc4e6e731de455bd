package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of one to four tiles: what they hold, and what they weigh. */
class KvStoreTest {
    private static final KvPage SHAPE = new KvPage(2048, 128, 2);

    private static void write(KvStore store, int page, int tiles, int seed) {
        for (int tile = 0; tile < tiles; tile++) {
            MemorySegment memory = store.memory(page);
            memory.set(ValueLayout.JAVA_INT, store.offset(page) + 2048L * tile + 2044, seed + tile);
            int cell = 16 * tile + 15;
            memory.set(ValueLayout.JAVA_INT, store.values(page) + 128L * cell + 124, seed + 10 + tile);
            memory.set(ValueLayout.JAVA_INT, store.position(page, cell), seed + 20 + tile);
            memory.set(ValueLayout.JAVA_INT, store.sideFloat(page, 0, cell), seed + 30 + tile);
            memory.set(ValueLayout.JAVA_INT, store.sideFloat(page, 1, cell), seed + 40 + tile);
        }
    }

    private static void check(KvStore store, int page, int tiles, int seed) {
        for (int tile = 0; tile < tiles; tile++) {
            MemorySegment memory = store.memory(page);
            int cell = 16 * tile + 15;
            assertThat(memory.get(ValueLayout.JAVA_INT, store.offset(page) + 2048L * tile + 2044))
                    .isEqualTo(seed + tile);
            assertThat(memory.get(ValueLayout.JAVA_INT, store.values(page) + 128L * cell + 124))
                    .isEqualTo(seed + 10 + tile);
            assertThat(memory.get(ValueLayout.JAVA_INT, store.position(page, cell)))
                    .isEqualTo(seed + 20 + tile);
            assertThat(memory.get(ValueLayout.JAVA_INT, store.sideFloat(page, 0, cell)))
                    .isEqualTo(seed + 30 + tile);
            assertThat(memory.get(ValueLayout.JAVA_INT, store.sideFloat(page, 1, cell)))
                    .isEqualTo(seed + 40 + tile);
        }
    }

    @Test
    void aPageKeepsItsCellsWhenItGetsMoreTilesOrFewer() {
        try (KvStore store = new KvStore(SHAPE)) {
            for (int tiles = 1; tiles <= 4; tiles++) {
                for (int target = 1; target <= 4; target++) {
                    int page = store.acquire(tiles);
                    write(store, page, tiles, 100 * tiles);
                    page = store.resize(page, target);
                    assertThat(KvStore.tiles(page)).isEqualTo(target);
                    check(store, page, Math.min(tiles, target), 100 * tiles);
                    store.release(page);
                    store.beginShrink();
                    store.endShrink();
                    assertThat(store.residentBytes()).isZero();
                }
            }
        }
    }

    @Test
    void whatIsLeftOfManyPagesMovesTogether() {
        Random random = new Random(3);
        try (KvStore store = new KvStore(SHAPE)) {
            List<Integer> pages = new ArrayList<>();
            for (int i = 0; i < 4000; i++) {
                int page = store.acquire(1 + random.nextInt(4));
                write(store, page, KvStore.tiles(page), 1000 * i);
                pages.add(page);
            }
            store.beginShrink();
            long bytes = 0;
            for (int i = 0; i < pages.size(); i++) {
                if (i % 5 == 0) {
                    bytes += SHAPE.bytes(KvStore.tiles(pages.get(i)));
                } else {
                    store.release(pages.get(i));
                }
            }
            for (int i = 0; i < pages.size(); i += 5) {
                pages.set(i, store.slide(pages.get(i)));
            }
            store.endShrink();
            assertThat(store.residentBytes()).isBetween(bytes, bytes * 105 / 100);
            for (int i = 0; i < pages.size(); i += 5) {
                check(store, pages.get(i), KvStore.tiles(pages.get(i)), 1000 * i);
            }
        }
    }

    /** A cache like SmolLM2-135M's. */
    @ParameterizedTest
    @CsvSource({"600, farsight", "600, snapkv", "800, h2o", "1000, farsight"})
    void aFifthOfTheTokensIsAFifthOfTheBytes(int tokens, String name) {
        KvPolicy policy = KvPolicy.parse(name);
        KvLayout layout = new KvLayout(30, 9, 3, 64, 64, 0.125f, KvType.F16, KvType.F16, 1024);
        try (Arena arena = Arena.ofConfined();
                KvCache cache = KvCache.create(
                        layout,
                        Optional.of(SimdWidth.preferred()),
                        policy.needs(),
                        Optional.of(new RandomProjection(96, 64)),
                        RotaryPairs.NONE,
                        true)) {
            MemorySegment rows = arena.allocate(4L * 9 * 64 * 1024, 64);
            MemorySegment out = arena.allocate(4L * 9 * 64 * 1024, 64);
            Random random = new Random(5);
            for (int i = 0; i < 9 * 64 * 1024; i++) {
                rows.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
            }
            AttentionScratch scratch = cache.newScratch();
            cache.begin(tokens);
            for (int layer = 0; layer < layout.layers(); layer++) {
                for (int kvHead = 0; kvHead < 3; kvHead++) {
                    cache.append(layer, kvHead, rows, rows, tokens);
                }
                for (int task = 0; task < cache.attentionTasks(layer, tokens); task++) {
                    cache.attend(layer, task, rows, out, tokens, scratch);
                }
                cache.merge(layer, out, tokens);
            }
            cache.commit();
            cache.evict(policy, new KvBudget.Share(0.2), TaskRunner.sequential());
            double full = layout.bytes(tokens);
            assertThat(cache.heldBytes() / full).isCloseTo(0.2, within(0.02));
            assertThat(cache.residentBytes() / full).isCloseTo(0.2, within(0.02));
        }
    }
}
