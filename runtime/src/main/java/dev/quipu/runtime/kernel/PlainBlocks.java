package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Activations as they follow each other, in blocks of 32 that share a scale.
 *
 * <pre>
 * short[columns]       integers
 * float[columns / 32]  activation scale
 * </pre>
 */
enum PlainBlocks implements QuantizedActivations {
    EIGHT_BITS(127);

    private final int limit;

    PlainBlocks(int limit) {
        this.limit = limit;
    }

    /** Byte offset of the scales. */
    static long scales(int columns) {
        return 2L * columns;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public long bytes(int columns) {
        return scales(columns) + columns / 8;
    }

    @Override
    public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
        long to = prepared.address();
        IntegerActivations.quantize(x.address(), columns, this, to, to + scales(columns));
    }
}
