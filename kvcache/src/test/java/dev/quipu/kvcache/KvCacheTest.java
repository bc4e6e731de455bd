package dev.quipu.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KvCacheTest {
    private static final KvLayout LAYOUT = new KvLayout(2, 4, 2, 32, 32, 0.177f, KvType.F32, KvType.F32, 100);

    private static CacheDriver driver() {
        return new CacheDriver(LAYOUT, KvCache.create(LAYOUT, Optional.of(SimdWidth.preferred())), 1);
    }

    @Test
    void truncatedPositionsCanBeFilledAnew() {
        try (CacheDriver driver = driver()) {
            driver.run(70);
            float[][][] first = driver.run(20);
            driver.cache.truncate(70);
            assertThat(driver.cache.positions()).isEqualTo(70);
            assertThat(driver.replay(20)).isDeepEqualTo(first);
            driver.cache.truncate(65);
            driver.run(5);
            assertThat(driver.replay(20)).isNotEqualTo(first);
        }
    }

    @Test
    void anUncommittedBatchLeavesNoTrace() {
        try (CacheDriver driver = driver()) {
            driver.run(33);
            driver.cache.begin(40);
            assertThat(driver.cache.positions()).isEqualTo(33);
            float[][][] next = driver.run(2);
            driver.cache.truncate(33);
            assertThat(driver.replay(2)).isDeepEqualTo(next);
        }
    }

    @Test
    void aFullCacheSaysSoAndStaysUsable() {
        try (CacheDriver driver = driver()) {
            driver.run(99);
            assertThatThrownBy(() -> driver.cache.begin(2)).isInstanceOfSatisfying(KvCacheFullException.class, e -> {
                assertThat(e.positions()).isEqualTo(99);
                assertThat(e.tokens()).isEqualTo(2);
                assertThat(e.maxPositions()).isEqualTo(100);
            });
            driver.run(1);
            assertThatThrownBy(() -> driver.cache.begin(1)).isInstanceOf(KvCacheFullException.class);
        }
    }

    @Test
    void memoryIsTakenAsPositionsFillAndGivenBackButForAReserve() {
        try (CacheDriver driver = driver()) {
            assertThat(driver.cache.residentBytes()).isZero();
            driver.run(1);
            assertThat(driver.cache.residentBytes()).isPositive();
            driver.run(98);
            long all = driver.cache.residentBytes();
            driver.cache.clear();
            assertThat(driver.cache.heldBytes()).isZero();
            assertThat(driver.cache.residentBytes()).isBetween(1L, Math.min(all, 4L << 20));
            driver.run(65);
            assertThat(driver.cache.residentBytes()).isLessThanOrEqualTo(all);
            assertThat(driver.cache.residentBytes()).isGreaterThanOrEqualTo(LAYOUT.bytes(65));
        }
    }

    @Test
    void bytesCountWholeTilesOfAllLayersAndHeads() {
        long tile = 16 * (32 * 4 + 32 * 4 + 4);
        assertThat(LAYOUT.bytes(0)).isZero();
        assertThat(LAYOUT.bytes(1)).isEqualTo(4 * tile);
        assertThat(LAYOUT.bytes(16)).isEqualTo(4 * tile);
        assertThat(LAYOUT.bytes(17)).isEqualTo(8 * tile);
        assertThat(LAYOUT.bytes(64)).isEqualTo(16 * tile);
        assertThat(LAYOUT.bytes(65)).isEqualTo(20 * tile);
    }

    @Test
    void closedIsAnIllegalState() {
        CacheDriver driver = driver();
        driver.run(3);
        MemorySegment q = driver.allocate(128, 1);
        driver.cache.close();
        driver.cache.close();
        assertThat(driver.cache.isOpen()).isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> driver.cache.begin(1))
                .withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(() -> driver.cache.attend(0, 0, q, q, 1, driver.scratch));
        assertThatIllegalStateException().isThrownBy(driver.cache::clear);
        assertThatIllegalStateException().isThrownBy(driver.cache::residentBytes);
        assertThatIllegalStateException().isThrownBy(driver.cache::newScratch);
        driver.close();
    }

    @Test
    void batchesAreChecked() {
        try (CacheDriver driver = driver()) {
            MemorySegment q = driver.allocate(128, 2);
            assertThatIllegalStateException().isThrownBy(driver.cache::commit);
            assertThatIllegalStateException().isThrownBy(() -> driver.cache.append(0, 0, q, q, 2));
            assertThatIllegalArgumentException().isThrownBy(() -> driver.cache.begin(0));
            driver.cache.begin(2);
            assertThatIllegalStateException().isThrownBy(() -> driver.cache.append(0, 0, q, q, 1));
            assertThatThrownBy(() -> driver.cache.append(2, 0, q, q, 2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> driver.cache.attend(0, 2, q, q, 2, driver.scratch))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> driver.cache.truncate(1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void layoutsAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvLayout(1, 4, 3, 64, 64, 1, KvType.F16, KvType.F16, 10));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvLayout(1, 4, 2, 63, 64, 1, KvType.F16, KvType.F16, 10));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvLayout(1, 4, 2, 64, 64, 0, KvType.F16, KvType.F16, 10));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvLayout(1, 4, 2, 64, 64, 1, KvType.F16, KvType.F16, 0));
    }
}
