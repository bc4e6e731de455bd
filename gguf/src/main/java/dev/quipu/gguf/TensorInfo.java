package dev.quipu.gguf;

import java.util.List;

/**
 * What a file says of one tensor.
 *
 * @param shape ggml's {@code ne}: the first dimension is the length of a row, elements of which lie side by side
 * @param offset byte offset in the file's (or part's) tensor data
 * @param part which file of a split set holds it, from 0
 */
public record TensorInfo(String name, GgmlType type, List<Long> shape, long offset, int part) {
    static final int MAX_DIMENSIONS = 4;

    public TensorInfo {
        shape = List.copyOf(shape);
        if (shape.isEmpty()) {
            throw new IllegalArgumentException("tensor " + name + " has no dimensions");
        }
        if (shape.size() > MAX_DIMENSIONS) {
            throw new IllegalArgumentException("tensor " + name + " has " + shape.size() + " dimensions");
        }
        for (long dimension : shape) {
            if (dimension < 1) {
                throw new IllegalArgumentException("tensor " + name + " has a dimension of " + dimension);
            }
        }
        type.rowBytes(shape.getFirst());
    }

    /** Number of elements. */
    public long elements() {
        long elements = 1;
        for (long dimension : shape) {
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    /** Size of the data. */
    public long bytes() {
        return type.rowBytes(elements());
    }

    /** Length of a row in elements: the first dimension. */
    public long columns() {
        return shape.getFirst();
    }

    /** Number of rows: the product of all dimensions but the first. */
    public long rows() {
        return elements() / columns();
    }

    /** Size of a row. */
    public long rowBytes() {
        return type.rowBytes(columns());
    }
}
