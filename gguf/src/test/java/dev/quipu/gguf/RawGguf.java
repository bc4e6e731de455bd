package dev.quipu.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the fields of a file one by one, right or wrong. */
final class RawGguf {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A head of version 3 with these counts. */
    static RawGguf head(long tensors, long pairs) {
        return new RawGguf().text("GGUF").int32(3).int64(tensors).int64(pairs);
    }

    RawGguf text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    RawGguf bytes(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    RawGguf int8(int value) {
        return bytes((byte) value);
    }

    RawGguf int32(int value) {
        return bytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    RawGguf int64(long value) {
        return bytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }

    /** Length and bytes. */
    RawGguf string(String text) {
        return int64(text.getBytes(StandardCharsets.UTF_8).length).text(text);
    }

    /** Key and type of a pair; the value comes next. */
    RawGguf key(String key, ValueType type) {
        return string(key).int32(type.ordinal());
    }

    /** A tensor info. */
    RawGguf tensor(String name, GgmlType type, long offset, long... shape) {
        return tensor(name, type.id(), offset, shape);
    }

    RawGguf tensor(String name, int type, long offset, long... shape) {
        string(name).int32(shape.length);
        for (long dimension : shape) {
            int64(dimension);
        }
        return int32(type).int64(offset);
    }

    /** Zeros up to the next multiple. */
    RawGguf align(int alignment) {
        return zeros((alignment - size() % alignment) % alignment);
    }

    RawGguf zeros(int count) {
        return bytes(new byte[count]);
    }

    int size() {
        return out.size();
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
