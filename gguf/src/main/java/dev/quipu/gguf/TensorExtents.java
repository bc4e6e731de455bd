package dev.quipu.gguf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Checks that the tensors of a file lie within it, aligned, and apart from each other. */
final class TensorExtents {
    private TensorExtents() {}

    static void check(GgufReader.Head head, long fileBytes) throws GgufFormatException {
        List<TensorInfo> inOrder = new ArrayList<>(head.tensors());
        inOrder.sort(Comparator.comparingLong(TensorInfo::offset));
        long end = 0;
        String before = "";
        for (TensorInfo tensor : inOrder) {
            long offset = tensor.offset();
            String what = "tensor '" + tensor.name() + "'";
            if (offset < 0 || offset % head.alignment() != 0) {
                throw new GgufFormatException(
                        what + ": offset " + Long.toUnsignedString(offset) + " is not a multiple of the alignment "
                                + head.alignment(),
                        head.dataOffset());
            }
            if (offset < end) {
                throw new GgufFormatException(what + " overlaps tensor '" + before + "'", head.dataOffset() + offset);
            }
            long available = Math.max(0, fileBytes - head.dataOffset());
            if (offset > available || tensor.bytes() > available - offset) {
                throw new GgufFormatException(
                        what + ": " + tensor.bytes() + " bytes at offset " + offset
                                + " of the tensor data, but that has " + available + " bytes; the file is incomplete",
                        fileBytes);
            }
            end = offset + tensor.bytes();
            before = tensor.name();
        }
    }
}
