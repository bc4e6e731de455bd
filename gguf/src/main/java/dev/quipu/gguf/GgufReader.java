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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses the head of one file: magic, version, counts, metadata, tensor infos. Every size is compared with what is left of
 * the file, and with what a head may take, before anything is allocated for it, so time and memory are bounded whatever the
 * file says.
 *
 * <p>Source: the GGUF specification in ggml's docs, versions 2 and 3 (which differ in byte order only).
 */
final class GgufReader {
    /** Metadata and tensor infos of the largest vocabularies take a tenth of this. */
    private static final long MAX_HEAD_BYTES = 1 << 27;

    /** Bytes that are copied at once to read strings from. */
    private static final int WINDOW = 1 << 16;

    private static final int MAX_NESTING = 16;
    static final int MAX_NAME_BYTES = 65_535;
    private static final char REPLACEMENT = '\ufffd';
    private static final String ALIGNMENT = "general.alignment";
    private static final int DEFAULT_ALIGNMENT = 32;
    static final int MAX_ALIGNMENT = 1 << 26;

    /** Fewest bytes of a key-value pair: key length, type, value. */
    private static final int LEAST_PAIR_BYTES = 8 + 4 + 1;

    /** Fewest bytes of a tensor info: name length, dimension count, one dimension, type, offset. */
    private static final int LEAST_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;

    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment file;
    private final long limit;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final Map<String, Long> keyOffsets = new HashMap<>();
    private final List<Long> infoOffsets = new ArrayList<>();
    private long position;

    private GgufReader(MemorySegment file) {
        this.file = file;
        this.limit = Math.min(file.byteSize(), MAX_HEAD_BYTES);
    }

    /**
     * The head of a file.
     *
     * @param keyOffsets byte offsets of the keys that the format itself gives a meaning
     * @param infoOffsets byte offsets of the tensor infos
     * @param dataOffset byte offset of the tensor data
     */
    record Head(
            int version,
            Metadata metadata,
            Map<String, Long> keyOffsets,
            List<TensorInfo> tensors,
            List<Long> infoOffsets,
            long alignment,
            long dataOffset) {
        /** Byte offset of a key, or 0 if it is absent. */
        long offsetOf(String key) {
            return keyOffsets.getOrDefault(key, 0L);
        }
    }

    /**
     * Reads and checks.
     *
     * @param part number of the file in its split set, from 0
     */
    static Head read(MemorySegment file, int part) throws GgufFormatException {
        Head head = new GgufReader(file).head(part);
        TensorExtents.check(head, file.byteSize());
        return head;
    }

    private Head head(int part) throws GgufFormatException {
        if (limit == 0) {
            throw new GgufFormatException("the file is empty", 0);
        }
        int magic = Integer.reverseBytes(int32("magic"));
        if (magic != ForeignMagic.GGUF) {
            throw new GgufFormatException(ForeignMagic.describe(magic), 0);
        }
        int version = version();
        int tensorCount = count("tensor count", LEAST_TENSOR_BYTES);
        int pairCount = count("metadata count", LEAST_PAIR_BYTES);
        Metadata metadata = metadata(pairCount);
        long alignment = alignment(metadata);
        List<TensorInfo> tensors = tensors(tensorCount, part);
        long dataOffset = (position + alignment - 1) / alignment * alignment;
        return new Head(version, metadata, keyOffsets, tensors, infoOffsets, alignment, dataOffset);
    }

    private int version() throws GgufFormatException {
        int version = int32("version");
        if (version == 2 || version == 3) {
            return version;
        }
        int swapped = Integer.reverseBytes(version);
        if (swapped >= 1 && swapped <= 3) {
            throw new GgufFormatException(
                    "the file is big-endian (version " + swapped
                            + "), which is not supported: convert it to little-endian",
                    4);
        }
        throw new GgufFormatException(
                "version " + Integer.toUnsignedString(version) + " is not supported, expected 2 or 3"
                        + (version == 1 ? ": convert the file again with a current tool" : ""),
                4);
    }

    private Metadata metadata(int pairCount) throws GgufFormatException {
        Map<String, MetadataValue> pairs = LinkedHashMap.newLinkedHashMap(Math.min(pairCount, 4096));
        for (int i = 0; i < pairCount; i++) {
            long start = position;
            String key = string("key of metadata " + i);
            if (key.isEmpty() || key.length() > MAX_NAME_BYTES) {
                throw new GgufFormatException(
                        "key of metadata " + i + " has " + key.length() + " characters, expected 1 to "
                                + MAX_NAME_BYTES,
                        start);
            }
            String what = "metadata " + GgufFormatException.quoted(key);
            if (pairs.putIfAbsent(key, value(type("type of " + what), what)) != null) {
                throw new GgufFormatException(what + " occurs twice", start);
            }
            if (key.equals(ALIGNMENT) || key.startsWith("split.")) {
                keyOffsets.put(key, start);
            }
        }
        return new Metadata(pairs);
    }

    private MetadataValue value(ValueType type, String what) throws GgufFormatException {
        return switch (type) {
            case UINT8 -> new IntegerValue(type, int8(what) & 0xff);
            case INT8 -> new IntegerValue(type, int8(what));
            case UINT16 -> new IntegerValue(type, int16(what) & 0xffff);
            case INT16 -> new IntegerValue(type, int16(what));
            case UINT32 -> new IntegerValue(type, int32(what) & 0xffffffffL);
            case INT32 -> new IntegerValue(type, int32(what));
            case UINT64, INT64 -> new IntegerValue(type, int64(what));
            case FLOAT32 -> new FloatValue(type, Float.intBitsToFloat(int32(what)));
            case FLOAT64 -> new FloatValue(type, Double.longBitsToDouble(int64(what)));
            case BOOL -> new BoolValue(bool(what));
            case STRING -> new StringValue(string(what));
            case ARRAY -> array(what, 1);
        };
    }

    private MetadataValue array(String what, int depth) throws GgufFormatException {
        long start = position;
        if (depth > MAX_NESTING) {
            throw new GgufFormatException(what + ": arrays are nested deeper than " + MAX_NESTING, start);
        }
        ValueType type = type("element type of " + what);
        int n = count("length of " + what, type.leastBytes());
        return switch (type) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32 -> new IntArray(type, ints(type, n));
            case UINT64, INT64 -> new IntegerArray(type, longs(n));
            case FLOAT32 -> new FloatArray(floats(n));
            case FLOAT64 -> new DoubleArray(doubles(n));
            case BOOL -> {
                boolean[] bools = new boolean[n];
                for (int i = 0; i < n; i++) {
                    bools[i] = bool(what);
                }
                yield new BoolArray(bools);
            }
            case STRING -> new StringArray(strings(what, n));
            case ARRAY -> {
                List<MetadataValue> arrays = new ArrayList<>(n);
                for (int i = 0; i < n; i++) {
                    arrays.add(array(what, depth + 1));
                }
                yield new NestedArray(arrays);
            }
        };
    }

    private int[] ints(ValueType type, int n) {
        int[] ints = new int[n];
        switch (type) {
            case INT32, UINT32 -> MemorySegment.copy(file, I32, position, ints, 0, n);
            case INT16, UINT16 -> {
                int mask = type == ValueType.UINT16 ? 0xffff : -1;
                for (int i = 0; i < n; i++) {
                    ints[i] = file.get(I16, position + 2L * i) & mask;
                }
            }
            default -> {
                int mask = type == ValueType.UINT8 ? 0xff : -1;
                for (int i = 0; i < n; i++) {
                    ints[i] = file.get(ValueLayout.JAVA_BYTE, position + i) & mask;
                }
            }
        }
        position += (long) type.leastBytes() * n;
        return ints;
    }

    private long[] longs(int n) {
        long[] longs = new long[n];
        MemorySegment.copy(file, I64, position, longs, 0, n);
        position += 8L * n;
        return longs;
    }

    private float[] floats(int n) {
        float[] floats = new float[n];
        MemorySegment.copy(file, F32, position, floats, 0, n);
        position += 4L * n;
        return floats;
    }

    private double[] doubles(int n) {
        double[] doubles = new double[n];
        MemorySegment.copy(file, F64, position, doubles, 0, n);
        position += 8L * n;
        return doubles;
    }

    private long alignment(Metadata metadata) throws GgufFormatException {
        long at = keyOffsets.getOrDefault(ALIGNMENT, 0L);
        long alignment;
        try {
            alignment = metadata.integer(ALIGNMENT).orElse(DEFAULT_ALIGNMENT);
        } catch (IllegalArgumentException e) {
            throw new GgufFormatException(String.valueOf(e.getMessage()), at);
        }
        if (alignment < 1 || alignment > MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw new GgufFormatException(
                    ALIGNMENT + " is " + alignment + ", expected a power of two up to " + MAX_ALIGNMENT, at);
        }
        return alignment;
    }

    private List<TensorInfo> tensors(int tensorCount, int part) throws GgufFormatException {
        Map<String, TensorInfo> tensors = LinkedHashMap.newLinkedHashMap(Math.min(tensorCount, 65_536));
        for (int i = 0; i < tensorCount; i++) {
            long start = position;
            TensorInfo info = tensor(i, part);
            if (tensors.putIfAbsent(info.name(), info) != null) {
                throw new GgufFormatException(
                        "tensor " + GgufFormatException.quoted(info.name()) + " occurs twice", start);
            }
            infoOffsets.add(start);
        }
        return List.copyOf(tensors.values());
    }

    private TensorInfo tensor(int number, int part) throws GgufFormatException {
        long start = position;
        String name = string("name of tensor " + number);
        if (name.length() > MAX_NAME_BYTES) {
            throw new GgufFormatException("name of tensor " + number + " has " + name.length() + " characters", start);
        }
        String what = "tensor " + GgufFormatException.quoted(name);
        long dimensionsAt = position;
        int dimensions = int32(what + ": number of dimensions");
        if (dimensions < 1 || dimensions > TensorInfo.MAX_DIMENSIONS) {
            throw new GgufFormatException(
                    what + " has " + Integer.toUnsignedString(dimensions) + " dimensions, expected 1 to "
                            + TensorInfo.MAX_DIMENSIONS,
                    dimensionsAt);
        }
        List<Long> shape = new ArrayList<>(dimensions);
        long elements = 1;
        for (int d = 0; d < dimensions; d++) {
            long at = position;
            long dimension = int64(what + ": dimension " + d);
            if (dimension < 1) {
                throw new GgufFormatException(what + ": dimension " + d + " is " + dimension, at);
            }
            if (Math.multiplyHigh(elements, dimension) != 0 || elements * dimension < 0) {
                throw new GgufFormatException(what + ": the product of its dimensions overflows", at);
            }
            elements *= dimension;
            shape.add(dimension);
        }
        long typeAt = position;
        int id = int32(what + ": type");
        GgmlType type = GgmlType.of(id)
                .orElseThrow(() -> new GgufFormatException(what + ": " + UnreadableType.describe(id), typeAt));
        if (shape.getFirst() % type.blockElements() != 0) {
            throw new GgufFormatException(
                    what + ": rows of " + shape.getFirst() + " elements are not a multiple of " + type + "'s block of "
                            + type.blockElements(),
                    dimensionsAt);
        }
        if (elements / type.blockElements() > Long.MAX_VALUE / type.blockBytes()) {
            throw new GgufFormatException(what + ": its size in bytes overflows", dimensionsAt);
        }
        return new TensorInfo(name, type, shape, int64(what + ": offset"), part);
    }

    private ValueType type(String what) throws GgufFormatException {
        long at = position;
        int id = int32(what);
        return ValueType.of(id)
                .orElseThrow(() -> new GgufFormatException(
                        what + " is " + Integer.toUnsignedString(id) + ", expected 0 to 12", at));
    }

    /** A count of things that each take at least so many bytes of what is left. */
    private int count(String what, int leastBytes) throws GgufFormatException {
        long at = position;
        long count = int64(what);
        if (count < 0 || count > (limit - position) / leastBytes) {
            throw new GgufFormatException(what + " is " + Long.toUnsignedString(count) + ", more than " + rest(), at);
        }
        return (int) count;
    }

    private String string(String what) throws GgufFormatException {
        return string(what, "length of " + what);
    }

    private String string(String what, String whatLength) throws GgufFormatException {
        long at = position;
        int length = count(whatLength, 1);
        byte[] bytes = new byte[length];
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, position, bytes, 0, length);
        position += length;
        return decode(bytes, 0, length, what, at);
    }

    /**
     * Strings of an array, read from copies of their bytes where these are whole: vocabularies are read while nothing is
     * compiled, and then an array is read much faster than memory.
     */
    private String[] strings(String what, int n) throws GgufFormatException {
        String[] strings = new String[n];
        String whatLength = "length of " + what;
        byte[] window = new byte[(int) Math.min(WINDOW, limit - position)];
        int end = 0;
        int at = 0;
        for (int i = 0; i < n; i++) {
            int length = lengthIn(window, at, end);
            if (length < 0) {
                end = (int) Math.min(window.length, limit - position);
                MemorySegment.copy(file, ValueLayout.JAVA_BYTE, position, window, 0, end);
                at = 0;
                length = lengthIn(window, 0, end);
            }
            if (length < 0) { // too long for a window, or broken
                strings[i] = string(what, whatLength);
                end = 0;
            } else {
                strings[i] = decode(window, at + Long.BYTES, length, what, position);
                at += Long.BYTES + length;
                position += Long.BYTES + length;
            }
        }
        return strings;
    }

    /** The length that a string says it has, or -1 if it does not end before {@code end}. */
    private static int lengthIn(byte[] window, int at, int end) {
        if (end - at < Long.BYTES
                || (window[at + 3] | window[at + 4] | window[at + 5] | window[at + 6] | window[at + 7]) != 0) {
            return -1;
        }
        int length = window[at] & 0xff | (window[at + 1] & 0xff) << 8 | (window[at + 2] & 0xff) << 16;
        return length <= end - at - Long.BYTES ? length : -1;
    }

    private String rest() {
        return limit < file.byteSize()
                ? "fits into the " + MAX_HEAD_BYTES + " bytes that metadata and tensor infos may take"
                : "the rest of the file can hold";
    }

    private String decode(byte[] bytes, int from, int length, String what, long at) throws GgufFormatException {
        String text = new String(bytes, from, length, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) { // its own, or Java's for what is malformed
            try {
                return utf8.decode(ByteBuffer.wrap(bytes, from, length)).toString();
            } catch (CharacterCodingException e) {
                throw new GgufFormatException(what + " is not valid UTF-8", at);
            }
        }
        return text;
    }

    private boolean bool(String what) throws GgufFormatException {
        long at = position;
        byte value = int8(what);
        if (value != 0 && value != 1) {
            throw new GgufFormatException(what + ": a bool is " + (value & 0xff) + ", expected 0 or 1", at);
        }
        return value == 1;
    }

    private byte int8(String what) throws GgufFormatException {
        return file.get(ValueLayout.JAVA_BYTE, advance(1, what));
    }

    private short int16(String what) throws GgufFormatException {
        return file.get(I16, advance(2, what));
    }

    private int int32(String what) throws GgufFormatException {
        return file.get(I32, advance(4, what));
    }

    private long int64(String what) throws GgufFormatException {
        return file.get(I64, advance(8, what));
    }

    private long advance(int bytes, String what) throws GgufFormatException {
        long at = position;
        if (bytes > limit - at) {
            throw new GgufFormatException(
                    limit < file.byteSize() ? what + " is beyond what " + rest() : "the file ends within " + what, at);
        }
        position = at + bytes;
        return at;
    }
}
