package dev.quipu.gguf;

import dev.quipu.gguf.MetadataValue.BoolArray;
import dev.quipu.gguf.MetadataValue.BoolValue;
import dev.quipu.gguf.MetadataValue.DoubleArray;
import dev.quipu.gguf.MetadataValue.FloatArray;
import dev.quipu.gguf.MetadataValue.FloatValue;
import dev.quipu.gguf.MetadataValue.IntArray;
import dev.quipu.gguf.MetadataValue.IntegerArray;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.MetadataValue.NestedArray;
import dev.quipu.gguf.MetadataValue.StringArray;
import dev.quipu.gguf.MetadataValue.StringValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects metadata and tensors, and writes them as a GGUF file. */
public final class GgufWriter {
    private static final int COPY_BYTES = 1 << 24;

    private final int version;
    private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
    private final List<TensorInfo> infos = new ArrayList<>();
    private final List<MemorySegment> data = new ArrayList<>();
    private long alignment = 32;
    private long offset;

    /** Writes version 3. */
    public GgufWriter() {
        this(3);
    }

    /** @param version 2 or 3 */
    public GgufWriter(int version) {
        if (version != 2 && version != 3) {
            throw new IllegalArgumentException("version must be 2 or 3, not " + version);
        }
        this.version = version;
    }

    /** Alignment of tensor data, a power of two; also written as {@code general.alignment}. Before the first tensor. */
    public GgufWriter alignment(int bytes) {
        if (bytes < 1 || bytes > GgufReader.MAX_ALIGNMENT || Integer.bitCount(bytes) != 1 || !infos.isEmpty()) {
            throw new IllegalArgumentException("alignment must be a power of two up to " + GgufReader.MAX_ALIGNMENT
                    + ", set before the first tensor: " + bytes);
        }
        alignment = bytes;
        return metadata("general.alignment", new IntegerValue(ValueType.UINT32, bytes));
    }

    public GgufWriter metadata(String key, MetadataValue value) {
        if (key.isEmpty() || key.length() > GgufReader.MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "metadata key has " + key.length() + " characters, expected 1 to " + GgufReader.MAX_NAME_BYTES);
        }
        if (metadata.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("metadata key " + key + " is set already");
        }
        return this;
    }

    public GgufWriter metadata(String key, String value) {
        return metadata(key, new StringValue(value));
    }

    /** As an unsigned 32-bit integer. */
    public GgufWriter metadata(String key, int value) {
        return metadata(key, new IntegerValue(ValueType.UINT32, value & 0xffffffffL));
    }

    /** As a 32-bit float. */
    public GgufWriter metadata(String key, float value) {
        return metadata(key, new FloatValue(ValueType.FLOAT32, value));
    }

    public GgufWriter metadata(String key, boolean value) {
        return metadata(key, new BoolValue(value));
    }

    public GgufWriter metadata(String key, String[] values) {
        return metadata(key, new StringArray(values.clone()));
    }

    public GgufWriter metadata(String key, float[] values) {
        return metadata(key, new FloatArray(values.clone()));
    }

    /** As signed 32-bit integers. */
    public GgufWriter metadata(String key, int[] values) {
        return metadata(key, new IntArray(ValueType.INT32, values.clone()));
    }

    /**
     * Adds a tensor. The data are read when the file is written.
     *
     * @param shape ggml's {@code ne}: the length of a row first
     * @param bytes exactly as many as type and shape need
     */
    public GgufWriter tensor(String name, GgmlType type, List<Long> shape, MemorySegment bytes) {
        TensorInfo info = new TensorInfo(name, type, shape, offset, 0);
        if (bytes.byteSize() != info.bytes()) {
            throw new IllegalArgumentException(
                    "tensor " + name + ": " + bytes.byteSize() + " bytes of data, expected " + info.bytes());
        }
        if (infos.stream().anyMatch(other -> other.name().equals(name))) {
            throw new IllegalArgumentException("tensor " + name + " is there already");
        }
        infos.add(info);
        data.add(bytes);
        offset = aligned(offset + info.bytes());
        return this;
    }

    private long aligned(long bytes) {
        return (bytes + alignment - 1) / alignment * alignment;
    }

    /** Writes beside the target and renames, so that a failure leaves what was there before. */
    public void write(Path path) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        Path temporary = Files.createTempFile(directory, ".gguf", ".part");
        try {
            try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                write(out);
                out.force(true);
            }
            Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private void write(FileChannel out) throws IOException {
        byte[] head = head();
        writeAll(out, ByteBuffer.wrap(head));
        long dataOffset = aligned(head.length);
        for (int i = 0; i < infos.size(); i++) {
            out.position(dataOffset + infos.get(i).offset());
            MemorySegment bytes = data.get(i);
            for (long done = 0; done < bytes.byteSize(); done += COPY_BYTES) {
                long length = Math.min(COPY_BYTES, bytes.byteSize() - done);
                writeAll(out, bytes.asSlice(done, length).asByteBuffer());
            }
        }
        long end = dataOffset + offset;
        if (out.size() < end) {
            out.position(end - 1);
            writeAll(out, ByteBuffer.allocate(1));
        }
    }

    private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private byte[] head() {
        Fields fields = new Fields();
        fields.bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        fields.int32(version);
        fields.int64(infos.size());
        fields.int64(metadata.size());
        metadata.forEach((key, value) -> {
            fields.string(key);
            fields.value(value);
        });
        for (TensorInfo info : infos) {
            fields.string(info.name());
            fields.int32(info.shape().size());
            info.shape().forEach(fields::int64);
            fields.int32(info.type().id());
            fields.int64(info.offset());
        }
        return fields.out.toByteArray();
    }

    /** Little-endian fields. */
    private static final class Fields {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteBuffer scratch = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

        void value(MetadataValue value) {
            int32(type(value).ordinal());
            body(value);
        }

        private void body(MetadataValue value) {
            switch (value) {
                case IntegerValue i -> integer(i.type(), i.value());
                case FloatValue f -> number(f.type(), f.value());
                case BoolValue b -> out.write(b.value() ? 1 : 0);
                case StringValue s -> string(s.value());
                case IntArray a -> {
                    arrayHead(a.type(), a.ints().length);
                    for (int i : a.ints()) {
                        integer(a.type(), i);
                    }
                }
                case IntegerArray a -> {
                    arrayHead(a.type(), a.longs().length);
                    for (long i : a.longs()) {
                        integer(a.type(), i);
                    }
                }
                case FloatArray a -> {
                    arrayHead(ValueType.FLOAT32, a.floats().length);
                    for (float f : a.floats()) {
                        int32(Float.floatToRawIntBits(f));
                    }
                }
                case DoubleArray a -> {
                    arrayHead(ValueType.FLOAT64, a.doubles().length);
                    for (double d : a.doubles()) {
                        int64(Double.doubleToRawLongBits(d));
                    }
                }
                case BoolArray a -> {
                    arrayHead(ValueType.BOOL, a.bools().length);
                    for (boolean b : a.bools()) {
                        out.write(b ? 1 : 0);
                    }
                }
                case StringArray a -> {
                    arrayHead(ValueType.STRING, a.strings().length);
                    for (String s : a.strings()) {
                        string(s);
                    }
                }
                case NestedArray a -> {
                    arrayHead(ValueType.ARRAY, a.values().size());
                    a.values().forEach(this::body);
                }
            }
        }

        private static ValueType type(MetadataValue value) {
            return switch (value) {
                case IntegerValue i -> i.type();
                case FloatValue f -> f.type();
                case BoolValue b -> ValueType.BOOL;
                case StringValue s -> ValueType.STRING;
                case IntArray _,
                        IntegerArray _,
                        FloatArray _,
                        DoubleArray _,
                        BoolArray _,
                        StringArray _,
                        NestedArray _ -> ValueType.ARRAY;
            };
        }

        private void arrayHead(ValueType type, int length) {
            int32(type.ordinal());
            int64(length);
        }

        private void integer(ValueType type, long value) {
            scratch.putLong(0, value);
            out.write(scratch.array(), 0, type.leastBytes());
        }

        private void number(ValueType type, double value) {
            if (type == ValueType.FLOAT32) {
                int32(Float.floatToRawIntBits((float) value));
            } else {
                int64(Double.doubleToRawLongBits(value));
            }
        }

        void string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            int64(utf8.length);
            bytes(utf8);
        }

        void bytes(byte[] bytes) {
            out.write(bytes, 0, bytes.length);
        }

        void int32(int value) {
            scratch.putInt(0, value);
            out.write(scratch.array(), 0, 4);
        }

        void int64(long value) {
            scratch.putLong(0, value);
            out.write(scratch.array(), 0, 8);
        }
    }
}
