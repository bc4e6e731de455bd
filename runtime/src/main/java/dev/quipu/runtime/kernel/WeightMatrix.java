package dev.quipu.runtime.kernel;

import dev.quipu.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A weight matrix where it lies in the file: {@code rows} rows of {@code columns} elements. A view, valid until the model
 * is closed.
 *
 * <p>Kernels read up to {@value RowProduct#OVERRUN} bytes beyond a row. The last rows, from which that would lead out of
 * the data, are therefore kept once more in padded memory.
 */
public final class WeightMatrix {
    private final String name;
    private final GgmlType type;
    private final int rows;
    private final int columns;
    private final long rowBytes;
    private final MemorySegment data;
    private final int tailRows;
    private final MemorySegment tail;

    /**
     * @param name the tensor's name, for messages
     * @param rowBytes distance between rows in bytes
     * @param data {@code rows * rowBytes} bytes
     */
    public WeightMatrix(String name, GgmlType type, int rows, int columns, long rowBytes, MemorySegment data) {
        if (data.byteSize() != Math.multiplyExact(rows, rowBytes) || rowBytes != type.rowBytes(columns)) {
            throw new IllegalArgumentException(name + ": " + data.byteSize() + " bytes in rows of " + rowBytes
                    + ", expected " + rows + " rows of " + columns + " elements of " + type);
        }
        if (!data.isNative()) {
            throw new IllegalArgumentException(name + ": not in native memory");
        }
        this.name = name;
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.rowBytes = rowBytes;
        this.data = data;
        this.tailRows = (int) Math.min(rows, rowBytes == 0 ? 0 : (RowProduct.OVERRUN + rowBytes - 1) / rowBytes);
        long tailBytes = tailRows * rowBytes;
        this.tail = Arena.ofAuto().allocate(tailBytes + RowProduct.OVERRUN, 64);
        MemorySegment.copy(data, data.byteSize() - tailBytes, tail, 0, tailBytes);
    }

    public String name() {
        return name;
    }

    public GgmlType type() {
        return type;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** Distance between rows in bytes. */
    public long rowBytes() {
        return rowBytes;
    }

    /** All rows, {@code rows * rowBytes} bytes. */
    public MemorySegment data() {
        return data;
    }

    /** How many rows {@link #tail} has. */
    int tailRows() {
        return tailRows;
    }

    /** A copy of the last rows, with {@value RowProduct#OVERRUN} readable bytes behind them. */
    MemorySegment tail() {
        return tail;
    }

    @Override
    public String toString() {
        return name + " " + type + "[" + rows + "][" + columns + "]";
    }
}
