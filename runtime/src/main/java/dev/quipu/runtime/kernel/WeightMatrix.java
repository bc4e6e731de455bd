package dev.quipu.runtime.kernel;

import dev.quipu.gguf.GgmlType;
import java.lang.foreign.MemorySegment;

/**
 * A weight matrix where it lies in the file: {@code rows} rows of {@code columns} elements. A view, valid until the model
 * is closed.
 *
 * @param name the tensor's name, for messages
 * @param rowBytes distance between rows in bytes
 * @param data {@code rows * rowBytes} bytes
 */
public record WeightMatrix(String name, GgmlType type, int rows, int columns, long rowBytes, MemorySegment data) {
    public WeightMatrix {
        if (data.byteSize() != Math.multiplyExact(rows, rowBytes)) {
            throw new IllegalArgumentException(
                    name + ": " + data.byteSize() + " bytes, expected " + rows + " rows of " + rowBytes);
        }
    }
}
