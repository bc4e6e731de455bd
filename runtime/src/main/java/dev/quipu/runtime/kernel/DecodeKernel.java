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
        // Kernels check nothing.
        long prepared = format().bytes(columns);
        long least = prepared == 0 ? 4L * columns : prepared;
        if (!x.isNative() || x.byteSize() < least || !y.isNative() || y.byteSize() < 4L * w.rows()) {
            throw new IllegalArgumentException(w + ": an input of " + x.byteSize() + " or an output of " + y.byteSize()
                    + " bytes is too small or not native memory");
        }
        long data = w.data().address();
        long in = x.address();
        long out = y.address();
        if (from < to) {
            product.rows(
                    data + from * rowBytes,
                    far * rowBytes,
                    rowBytes,
                    to - from,
                    in,
                    columns,
                    out + from * (long) Float.BYTES,
                    far * Float.BYTES);
        }
        if (chunk == chunks - 1) {
            if (product.paired() && rows % 2 != 0) {
                long last = rows - 1L;
                product.rows(data + last * rowBytes, 0, rowBytes, 1, in, columns, out + last * Float.BYTES, 0);
            }
            product.rows(
                    w.tail().address(), 0, rowBytes, w.tailRows(), in, columns, out + rows * (long) Float.BYTES, 0);
        }
    }

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        unpacker.unpack(w, offset, dst, dstOffset, elements);
    }
}
