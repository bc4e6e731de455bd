package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.simd.SimdWidth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Saved and restored caches. */
class KvSnapshotTest {
    private static final KvPolicy POLICY = KvPolicy.parse("critical-adakv score=loo");

    @TempDir
    private Path folder;

    private static CacheDriver driver(KvType type, long seed) {
        KvLayout layout = new KvLayout(2, 4, 2, 32, 32, 0.177f, type, type, 300);
        KvCache cache = KvCache.create(
                layout,
                Optional.of(SimdWidth.preferred()),
                POLICY.needs(),
                Optional.of(new RandomProjection(48, layout.valueDim())));
        return new CacheDriver(layout, cache, seed);
    }

    private static void evict(CacheDriver driver) {
        driver.cache.evict(POLICY, new KvBudget.Tokens(80), TaskRunner.sequential());
    }

    private Path saved(CacheDriver driver) throws IOException {
        Path file = folder.resolve("chat.kv");
        driver.cache.save(file, "model A", new int[] {7, 8, 9});
        return file;
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void aRestoredCacheContinuesBitByBit(KvType type) throws IOException {
        try (CacheDriver first = driver(type, 1);
                CacheDriver second = driver(type, 2)) {
            first.run(150);
            evict(first);
            first.cache.protect(3, 9);
            first.run(40);
            Path file = saved(first);
            second.run(200);
            assertThat(second.cache.restore(file, "model A")).containsExactly(7, 8, 9);
            assertThat(second.cache.positions()).isEqualTo(190);
            assertThat(second.cache.heldBytes()).isEqualTo(first.cache.heldBytes());
            byte[] bytes = Files.readAllBytes(file);
            assertThat(Files.readAllBytes(saved(second))).isEqualTo(bytes);
            float[][][] next = first.run(3);
            for (int layer = 0; layer < 2; layer++) {
                System.arraycopy(first.keys[layer], 190, second.keys[layer], 190, 3);
                System.arraycopy(first.values[layer], 190, second.values[layer], 190, 3);
                System.arraycopy(first.queries[layer], 190, second.queries[layer], 190, 3);
            }
            assertThat(second.replay(3)).isDeepEqualTo(next);
            evict(first);
            evict(second);
            for (int layer = 0; layer < 2; layer++) {
                for (int kvHead = 0; kvHead < 2; kvHead++) {
                    assertThat(second.cache.cellPositions(layer, kvHead))
                            .isEqualTo(first.cache.cellPositions(layer, kvHead));
                }
            }
        }
    }

    @Test
    void filesAppearAtOnce() throws IOException {
        try (CacheDriver driver = driver(KvType.F16, 1)) {
            driver.run(70);
            saved(driver);
            driver.run(20);
            saved(driver);
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).containsExactly(folder.resolve("chat.kv"));
            }
            assertThatThrownBy(() -> driver.cache.save(folder.resolve("none/chat.kv"), "model A", new int[0]))
                    .isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void aFullDiskLeavesTheOlderFileAndNoOther() throws IOException {
        try (CacheDriver driver = driver(KvType.F16, 1)) {
            driver.run(70);
            Path file = saved(driver);
            byte[] before = Files.readAllBytes(file);
            assertThatThrownBy(() -> KvSnapshot.save(file, "model A", "shape", new int[0], out -> {
                        out.write(new byte[1 << 20]);
                        throw new IOException("No space left on device");
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("cannot save the KV cache to " + file + ": No space left on device");
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).containsExactly(file);
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingChanges() throws IOException {
        try (CacheDriver driver = driver(KvType.F16, 1);
                CacheDriver other = driver(KvType.Q8_0, 1)) {
            driver.run(70);
            Path file = saved(driver);
            assertRefused(driver, file, "model B", "saved by another model: model A, not model B");
            other.run(1);
            assertRefused(other, file, "model A", "saved by another cache");
            byte[] bytes = Files.readAllBytes(file);
            for (int length : new int[] {0, 7, 12, 19, 100, bytes.length / 2, bytes.length - 1}) {
                Files.write(file, Arrays.copyOf(bytes, length));
                assertRefused(driver, file, "model A", "cut short");
            }
            for (int at : new int[] {0, 11, 13, 40, bytes.length / 2, bytes.length - 1}) {
                byte[] damaged = bytes.clone();
                damaged[at] ^= 4;
                Files.write(file, damaged);
                String reason = at == 0 ? "not a saved KV cache" : at == 11 ? "saved KV cache of version" : "checksum";
                assertRefused(driver, file, "model A", reason);
            }
            Files.write(file, bytes);
            assertThat(driver.cache.restore(file, "model A")).hasSize(3);
        }
    }

    private static void assertRefused(CacheDriver driver, Path file, String model, String reason) {
        int before = driver.cache.positions();
        assertThatThrownBy(() -> driver.cache.restore(file, model))
                .isInstanceOf(KvSnapshotException.class)
                .hasMessageContaining(reason);
        assertThat(driver.cache.positions()).isEqualTo(before);
    }
}
