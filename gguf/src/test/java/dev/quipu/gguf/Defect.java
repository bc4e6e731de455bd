package dev.quipu.gguf;

import java.util.function.Supplier;

/**
 * Every way in which one file can be broken. Each constant has the smallest file that shows it, a part of the message, and
 * the byte that the message names. What several files together can get wrong is in {@link GgufSplitSetTest}.
 */
enum Defect {
    EMPTY("the file is empty", 0, RawGguf::new),

    // Magic
    MAGIC_OF_NO_KNOWN_FORMAT(
            "magic is 58595a21, expected 47475546 ('GGUF'): this is not a GGUF file", 0, foreign("XYZ!")),
    MAGIC_OF_GGML("a format before GGUF", 0, foreign("lmgg")),
    MAGIC_OF_GGJT("a format before GGUF", 0, foreign("tjgg")),
    MAGIC_REVERSED("this is a big-endian file", 0, foreign("FUGG")),
    MAGIC_OF_GIT_LFS("a pointer of Git LFS", 0, foreign("version https://git-lfs.github.com/spec/v1")),
    MAGIC_OF_A_WEB_PAGE("this is a web page", 0, foreign("<!DOCTYPE html>")),
    MAGIC_OF_A_ZIP("this is a zip archive", 0, foreign("PK\3\4")),
    MAGIC_CUT("the file ends within magic", 0, foreign("GGU")),

    // Version
    VERSION_0("version 0 is not supported, expected 2 or 3", 4, version(0)),
    VERSION_1("version 1 is not supported, expected 2 or 3: convert the file again", 4, version(1)),
    VERSION_4("version 4 is not supported, expected 2 or 3", 4, version(4)),
    VERSION_NEGATIVE("version 4294967295 is not supported", 4, version(-1)),
    VERSION_2_BIG_ENDIAN("the file is big-endian (version 2)", 4, version(2 << 24)),
    VERSION_3_BIG_ENDIAN("the file is big-endian (version 3)", 4, version(3 << 24)),

    // Counts
    TENSOR_COUNT_HUGE("tensor count is 4611686018427387904, more than the rest", 8, () -> RawGguf.head(1L << 62, 0)),
    TENSOR_COUNT_NEGATIVE("tensor count is 18446744073709551615, more than", 8, () -> RawGguf.head(-1, 0)),
    TENSOR_COUNT_BEYOND_THE_FILE(
            "tensor count is 4, more than the rest of the file can hold", 8, () -> RawGguf.head(4, 0)
                    .zeros(100)),
    PAIR_COUNT_HUGE("metadata count is 9223372036854775807, more than", 16, () -> RawGguf.head(0, Long.MAX_VALUE)),
    PAIR_COUNT_NEGATIVE("metadata count is 9223372036854775808, more than", 16, () -> RawGguf.head(0, Long.MIN_VALUE)),
    PAIR_COUNT_BEYOND_THE_FILE(
            "metadata count is 8, more than", 16, () -> RawGguf.head(0, 8).zeros(100)),
    FEWER_PAIRS_THAN_COUNTED(
            "the file ends within length of metadata 'b'",
            58,
            () -> RawGguf.head(0, 2).key("a", ValueType.UINT64).int64(7).key("b", ValueType.STRING)),

    // Keys
    KEY_LENGTH_HUGE("length of key of metadata 0 is 1152921504606846976, more than", 24, () -> pairs(1).int64(1L << 60)
            .zeros(64)),
    KEY_LENGTH_NEGATIVE("length of key of metadata 0 is 18446744073709551614, more than", 24, () -> pairs(1).int64(-2)
            .zeros(64)),
    KEY_EMPTY("key of metadata 0 has 0 characters", 24, () -> pairs(1).key("", ValueType.UINT8)
            .int8(1)),
    KEY_TOO_LONG("key of metadata 0 has 65536 characters, expected 1 to 65535", 24, () -> pairs(1).key(
                    "k".repeat(65_536), ValueType.UINT8)
            .int8(1)),
    KEY_NOT_UTF_8(
            "key of metadata 0 is not valid UTF-8",
            24,
            () -> pairs(1).int64(2).bytes((byte) 0xc3, (byte) 0x28).int32(0).int8(1)),
    KEY_TWICE("metadata 'a' occurs twice", 38, () -> pairs(2).key("a", ValueType.UINT8)
            .int8(1)
            .key("a", ValueType.UINT8)
            .int8(2)),

    // Values
    VALUE_TYPE_UNKNOWN("type of metadata 'a' is 13, expected 0 to 12", 33, () -> pairs(1).string("a")
            .int32(13)
            .int64(0)),
    VALUE_TYPE_NEGATIVE("type of metadata 'a' is 4294967295, expected 0 to 12", 33, () -> pairs(1).string("a")
            .int32(-1)
            .int64(0)),
    BOOL_NOT_0_OR_1("a bool is 2, expected 0 or 1", 37, () -> pairs(1).key("a", ValueType.BOOL)
            .int8(2)),
    STRING_LENGTH_HUGE(
            "length of metadata 'a' is 9223372036854775807, more than", 37, () -> pairs(1).key("a", ValueType.STRING)
                    .int64(Long.MAX_VALUE)),
    STRING_LENGTH_JUST_BEYOND_THE_FILE(
            "length of metadata 'a' is 4, more than",
            37,
            () -> pairs(1).key("a", ValueType.STRING).int64(4).text("abc")),
    STRING_NOT_UTF_8("metadata 'a' is not valid UTF-8", 37, () -> pairs(1).key("a", ValueType.STRING)
            .int64(3)
            .bytes((byte) 0xed, (byte) 0xa0, (byte) 0x80)),
    STRING_CUT_WITHIN_A_CHARACTER("metadata 'a' is not valid UTF-8", 37, () -> pairs(1).key("a", ValueType.STRING)
            .int64(2)
            .bytes((byte) 0xe2, (byte) 0x82, (byte) 0xac)),
    NAMES_ARE_SHOWN_SAFELY(
            "type of metadata 'a\\u000a\\u001b[31m" + "x".repeat(73) + "…' is 99",
            122,
            () -> pairs(1).string("a\n\u001b[31m" + "x".repeat(83)).int32(99).int64(0)),

    // Arrays
    ARRAY_TYPE_UNKNOWN("element type of metadata 'a' is 77, expected 0 to 12", 37, () -> array(77, 1)),
    ARRAY_LENGTH_HUGE("length of metadata 'a' is 9223372036854775807, more than", 41, () -> array(4, Long.MAX_VALUE)),
    ARRAY_LENGTH_NEGATIVE("length of metadata 'a' is 18446744073709551615, more than", 41, () -> array(0, -1)),
    ARRAY_LENGTH_OVERFLOWING_AN_INT(
            "length of metadata 'a' is 4294967297, more than", 41, () -> array(0, (1L << 32) + 1)
                    .zeros(32)),
    ARRAY_OF_INT8_BEYOND_THE_FILE(
            "length of metadata 'a' is 5, more than", 41, () -> array(1, 5).zeros(4)),
    ARRAY_OF_INT64_BEYOND_THE_FILE(
            "length of metadata 'a' is 2, more than", 41, () -> array(11, 2).zeros(15)),
    ARRAY_OF_FLOATS_BEYOND_THE_FILE(
            "length of metadata 'a' is 2, more than", 41, () -> array(6, 2).zeros(7)),
    ARRAY_OF_BOOLS_WITH_A_3(
            "a bool is 3, expected 0 or 1", 50, () -> array(7, 3).bytes((byte) 0, (byte) 3, (byte) 1)),
    ARRAY_OF_STRINGS_BEYOND_THE_FILE("length of metadata 'a' is 1000, more than", 41, () -> array(8, 1000)
            .zeros(7999)),
    ARRAY_OF_STRINGS_CUT(
            "length of metadata 'a' is 9, more than",
            59,
            () -> array(8, 2).string("ab").int64(9).text("ab")),
    ARRAY_OF_STRINGS_NOT_UTF_8(
            "metadata 'a' is not valid UTF-8",
            58,
            () -> array(8, 2).string("x").int64(1).int8(0xff)),
    ARRAYS_NESTED_TOO_DEEP("metadata 'a': arrays are nested deeper than 16", 37 + 16 * 12, () -> nested(17)),
    ARRAYS_NESTED_WITHOUT_END("metadata 'a': arrays are nested deeper than 16", 37 + 16 * 12, () -> nested(100_000)),
    ARRAY_OF_ARRAYS_BEYOND_THE_FILE(
            "length of metadata 'a' is 10, more than", 41, () -> array(9, 10).zeros(119)),

    // Alignment
    ALIGNMENT_0("general.alignment is 0, expected a power of two", 24, () -> alignment(0)),
    ALIGNMENT_NOT_A_POWER_OF_TWO("general.alignment is 48, expected a power of two", 24, () -> alignment(48)),
    ALIGNMENT_HUGE("general.alignment is 2147483648, expected a power of two up to", 24, () -> alignment(1 << 31)),
    ALIGNMENT_A_STRING("metadata key general.alignment is of type str, expected an integer", 24, () -> pairs(1).key(
                    "general.alignment", ValueType.STRING)
            .string("32")),
    ALIGNMENT_NEGATIVE("general.alignment is -32, expected a power of two", 24, () -> pairs(1).key(
                    "general.alignment", ValueType.INT32)
            .int32(-32)),

    // Tensor infos
    TENSOR_NAME_LENGTH_HUGE("length of name of tensor 0 is 2305843009213693952, more than", 24, () -> tensors(1)
            .int64(1L << 61)
            .zeros(64)),
    TENSOR_NAME_NOT_UTF_8(
            "name of tensor 0 is not valid UTF-8",
            24,
            () -> tensors(1).int64(1).int8(0x80).zeros(64)),
    TENSOR_NAME_TOO_LONG("name of tensor 0 has 70000 characters", 24, () -> tensors(1)
            .tensor("t".repeat(70_000), GgmlType.F32, 0, 1)),
    TENSOR_TWICE("tensor 't' occurs twice", 57, () -> tensors(2)
            .tensor("t", GgmlType.F32, 0, 1)
            .tensor("t", GgmlType.F32, 32, 1)
            .align(32)
            .zeros(64)),
    DIMENSIONS_0("tensor 't' has 0 dimensions, expected 1 to 4", 33, () -> tensors(1)
            .tensor("t", GgmlType.F32, 0)
            .zeros(64)),
    DIMENSIONS_5("tensor 't' has 5 dimensions, expected 1 to 4", 33, () -> tensors(1)
            .tensor("t", GgmlType.F32, 0, 1, 1, 1, 1, 1)
            .zeros(64)),
    DIMENSIONS_HUGE(
            "tensor 't' has 4294967295 dimensions, expected 1 to 4",
            33,
            () -> tensors(1).string("t").int32(-1).zeros(64)),
    DIMENSION_0("tensor 't': dimension 1 is 0", 45, () -> tensors(1)
            .tensor("t", GgmlType.F32, 0, 8, 0)
            .zeros(64)),
    DIMENSION_NEGATIVE("tensor 't': dimension 0 is -1", 37, () -> tensors(1)
            .tensor("t", GgmlType.F32, 0, -1)
            .zeros(64)),
    DIMENSIONS_OVERFLOW("tensor 't': the product of its dimensions overflows", 45, () -> tensors(1)
            .tensor("t", GgmlType.I8, 0, 1L << 32, 1L << 32)
            .zeros(64)),
    DIMENSIONS_OVERFLOW_TO_NEGATIVE("tensor 't': the product of its dimensions overflows", 45, () -> tensors(1)
            .tensor("t", GgmlType.I8, 0, 1L << 32, 1L << 31)
            .zeros(64)),
    DIMENSIONS_OVERFLOW_TO_SOMETHING_SMALL("tensor 't': the product of its dimensions overflows", 45, () -> tensors(1)
            .tensor("t", GgmlType.I8, 0, (1L << 33) + 1, 1L << 32)
            .zeros(64)),
    BYTES_OVERFLOW("tensor 't': its size in bytes overflows", 33, () -> tensors(1)
            .tensor("t", GgmlType.F32, 0, 1L << 61)
            .zeros(64)),
    ROW_NOT_WHOLE_BLOCKS("rows of 33 elements are not a multiple of Q8_0's block of 32", 33, () -> tensors(1)
            .tensor("t", GgmlType.Q8_0, 0, 33, 32)
            .zeros(64)),
    TYPE_UNKNOWN("tensor 't': unknown type 1000", 45, () -> typed(1000)),
    TYPE_NEGATIVE("tensor 't': unknown type 4294967295", 45, () -> typed(-1)),
    TYPE_REMOVED_Q4_2(
            "type 4 (Q4_2) was removed from the format: quantise the original model to Q4_0", 45, () -> typed(4)),
    TYPE_REMOVED_Q4_0_4_4("type 31 (Q4_0_4_4) was removed from the format", 45, () -> typed(31)),
    TYPE_REMOVED_IQ4_NL_4_4(
            "(IQ4_NL_4_4) was removed from the format: quantise the original model to IQ4_NL", 45, () -> typed(36)),
    TYPE_FOR_ACTIVATIONS("type 9 (Q8_1) is not supported", 45, () -> typed(9)),
    TYPE_NOT_SUPPORTED("type 16 (IQ2_XXS) is not supported: use a file of another type", 45, () -> typed(16)),
    TYPE_OF_IK_LLAMA("type 139 (IQ4_K) is one that only ik_llama.cpp knows", 45, () -> typed(139)),
    TYPE_INTERLEAVED_BY_IK_LLAMA("type 212 (Q4_K_R4) is one that only ik_llama.cpp knows", 45, () -> typed(212)),

    // Tensor data
    OFFSET_MISALIGNED("tensor 't': offset 4 is not a multiple of the alignment 32", 24, () -> data(4, 64)),
    OFFSET_NEGATIVE("at offset 18446744073709551584 of the tensor data", 24, () -> data(-32, 64)),
    OFFSET_BEYOND_THE_FILE("12 bytes at offset 1152921504606846976 of the tensor data", 24, () -> data(1L << 60, 64)),
    OFFSET_AT_THE_END("12 bytes at offset 64 of the tensor data, but that has 64 bytes", 24, () -> data(64, 64)),
    DATA_CUT(
            "12 bytes at offset 0 of the tensor data, but that has 11 bytes; the file is incomplete",
            24,
            () -> data(0, 11)),
    DATA_ABSENT(
            "12 bytes at offset 0 of the tensor data, but that has 0 bytes; the file is incomplete",
            24,
            () -> tensors(1).tensor("t", GgmlType.F32, 0, 3)),
    DATA_LARGER_THAN_ANY_FILE(
            "tensor 't': 4611686018427387904 bytes at offset 0",
            24,
            () -> tensors(1).tensor("t", GgmlType.F32, 0, 1L << 60).align(32).zeros(64)),
    TENSORS_OVERLAP("tensor 'u' overlaps tensor 't'", 57, () -> tensors(2)
            .tensor("t", GgmlType.F32, 0, 9)
            .tensor("u", GgmlType.F32, 32, 9)
            .align(32)
            .zeros(128)),
    TENSORS_IN_ONE_PLACE("tensor 'u' overlaps tensor 't'", 57, () -> tensors(2)
            .tensor("t", GgmlType.F32, 0, 1)
            .tensor("u", GgmlType.F32, 0, 1)
            .align(32)
            .zeros(128)),

    // Split sets: what one part shows
    SPLIT_COUNT_NEGATIVE(
            "split.count is -3, expected 1 to 99999", 24, () -> pairs(1).key("split.count", ValueType.INT32)
                    .int32(-3)),
    SPLIT_COUNT_HUGE(
            "split.count is 4294967295, expected 1 to 99999", 24, () -> pairs(1).key("split.count", ValueType.UINT32)
                    .int32(-1)),
    SPLIT_COUNT_A_FLOAT("metadata key split.count is of type f32, expected an integer", 24, () -> pairs(1).key(
                    "split.count", ValueType.FLOAT32)
            .int32(0)),
    SPLIT_PART_BY_ANOTHER_NAME("part of a set of 3, so its name must end in -0000N-of-00003.gguf", 24, () -> pairs(1)
            .key("split.count", ValueType.UINT32)
            .int32(3));

    private final String message;
    private final long offset;
    private final Supplier<RawGguf> file;

    Defect(String message, long offset, Supplier<RawGguf> file) {
        this.message = message;
        this.offset = offset;
        this.file = file;
    }

    /** A part of what is said. */
    String message() {
        return message;
    }

    /** The byte that is named. */
    long offset() {
        return offset;
    }

    byte[] file() {
        return file.get().toBytes();
    }

    private static Supplier<RawGguf> foreign(String text) {
        return () -> new RawGguf().text(text);
    }

    private static Supplier<RawGguf> version(int version) {
        return () -> new RawGguf().text("GGUF").int32(version).zeros(64);
    }

    private static RawGguf pairs(int count) {
        return RawGguf.head(0, count);
    }

    private static RawGguf tensors(int count) {
        return RawGguf.head(count, 0);
    }

    private static RawGguf array(int type, long length) {
        return pairs(1).key("a", ValueType.ARRAY).int32(type).int64(length);
    }

    private static RawGguf nested(int depth) {
        RawGguf file = pairs(1).key("a", ValueType.ARRAY);
        for (int i = 1; i < depth; i++) {
            file.int32(ValueType.ARRAY.ordinal()).int64(1);
        }
        return file.int32(0).int64(0);
    }

    private static RawGguf alignment(int bytes) {
        return pairs(1).key("general.alignment", ValueType.UINT32).int32(bytes);
    }

    private static RawGguf typed(int id) {
        return tensors(1).tensor("t", id, 0, 256).align(32).zeros(1024);
    }

    /** One tensor of 12 bytes. */
    private static RawGguf data(long offset, int available) {
        return tensors(1).tensor("t", GgmlType.F32, offset, 3).align(32).zeros(available);
    }
}
