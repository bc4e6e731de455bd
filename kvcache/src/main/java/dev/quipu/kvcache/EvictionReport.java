package dev.quipu.kvcache;

/**
 * What an eviction did.
 *
 * @param cellsBefore cells of all layers and KV heads
 * @param cellsAfter those that stayed
 * @param bytesBefore resident bytes
 * @param bytesAfter resident bytes afterwards
 * @param nanos time it took
 */
public record EvictionReport(long cellsBefore, long cellsAfter, long bytesBefore, long bytesAfter, long nanos) {
    /** Cells that went. */
    public long evicted() {
        return cellsBefore - cellsAfter;
    }
}
