package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The kernel of a tensor type: a product that computes runs of rows, and an unpacker.
 *
 * @param product how rows meet a vector
 * @param unpacker how rows become floats
 */
record DecodeKernel(RowProduct product, Unpacker unpacker) implements TypeKernel {
    @Override
    public ActivationFormat format() {
        return product.format();
    }

    @Override
    public void multiply(WeightMatrix w, MemorySegment x, MemorySegment y, int chunk, int chunks) {
        int columns = w.columns();
        long rowBytes = w.rowBytes();
        int rows = w.rows() - w.tailRows();
        int each = product.paired() ? rows / 2 : rows;
        long far = product.paired() ? each : 0;
        int from = (int) ((long) each * chunk / chunks);
        int to = (int) ((long) each * (chunk + 1) / chunks);
        if (from < to) {
            product.rows(
                    w.data(),
                    from * rowBytes,
                    far * rowBytes,
                    rowBytes,
                    to - from,
                    x,
                    columns,
                    y,
                    from * (long) Float.BYTES,
                    far * Float.BYTES);
        }
        if (chunk == chunks - 1) {
            if (product.paired() && rows % 2 != 0) {
                long y0 = (rows - 1) * (long) Float.BYTES;
                product.rows(w.data(), (rows - 1) * rowBytes, 0, rowBytes, 1, x, columns, y, y0, 0);
            }
            product.rows(w.tail(), 0, 0, rowBytes, w.tailRows(), x, columns, y, rows * (long) Float.BYTES, 0);
        }
    }

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        unpacker.unpack(w, offset, dst, dstOffset, elements);
    }
}
