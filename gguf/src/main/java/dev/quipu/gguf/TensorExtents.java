package dev.quipu.gguf;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Checks that the tensors of a file lie within it, aligned, and apart from each other. */
final class TensorExtents {
    private TensorExtents() {}

    static void check(GgufReader.Head head, long fileBytes) throws GgufFormatException {
        List<TensorInfo> tensors = head.tensors();
        int[] inOrder = IntStream.range(0, tensors.size())
                .boxed()
                .sorted(Comparator.comparingLong(i -> tensors.get(i).offset()))
                .mapToInt(Integer::intValue)
                .toArray();
        long available = Math.max(0, fileBytes - head.dataOffset());
        long end = 0;
        String before = "";
        for (int i : inOrder) {
            TensorInfo tensor = tensors.get(i);
            long offset = tensor.offset();
            String name = GgufFormatException.quoted(tensor.name());
            String what = "tensor " + name;
            if (offset % head.alignment() != 0) {
                throw new GgufFormatException(
                        what + ": offset " + Long.toUnsignedString(offset) + " is not a multiple of the alignment "
                                + head.alignment(),
                        head.infoOffsets().get(i));
            }
            if (offset < 0 || offset > available || tensor.bytes() > available - offset) {
                throw new GgufFormatException(
                        what + ": " + tensor.bytes() + " bytes at offset " + Long.toUnsignedString(offset)
                                + " of the tensor data, but that has " + available + " bytes; the file is incomplete",
                        head.infoOffsets().get(i));
            }
            if (offset < end) {
                throw new GgufFormatException(
                        what + " overlaps tensor " + before, head.infoOffsets().get(i));
            }
            end = offset + tensor.bytes();
            before = name;
        }
    }
}
