package dev.quipu.bench.kernel;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.kernel.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Weights and vectors of random numbers in native memory. */
final class RandomMatrix {
    private static final int DISTINCT_ROWS = 16;
    private static final int ALIGNMENT = 64;

    private RandomMatrix() {}

    /** A matrix whose first rows are random and repeat. */
    static WeightMatrix weights(Arena arena, GgmlType type, int rows, int columns) {
        long rowBytes = type.rowBytes(columns);
        MemorySegment data = arena.allocate(rows * rowBytes, ALIGNMENT);
        int distinct = Math.min(rows, DISTINCT_ROWS);
        float[] values = new float[distinct * columns];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 32;
        }
        type.quantize(values, 0, data, 0, values.length);
        for (int row = distinct; row < rows; row++) {
            MemorySegment.copy(data, row % distinct * rowBytes, data, row * rowBytes, rowBytes);
        }
        return new WeightMatrix(type.name(), type, rows, columns, rowBytes, data);
    }

    /** Floats around 0. */
    static MemorySegment floats(Arena arena, long count) {
        MemorySegment floats = arena.allocate(count * Float.BYTES, ALIGNMENT);
        Random random = new Random(2);
        for (long i = 0; i < count; i++) {
            floats.setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return floats;
    }
}
