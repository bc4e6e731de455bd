package dev.quipu.gguf;

import java.util.Optional;

/** Kinds of metadata values, in the order of their numbers in a file. */
public enum ValueType {
    UINT8("u8", 1),
    INT8("i8", 1),
    UINT16("u16", 2),
    INT16("i16", 2),
    UINT32("u32", 4),
    INT32("i32", 4),
    FLOAT32("f32", 4),
    BOOL("bool", 1),
    STRING("str", 8),
    ARRAY("array", 12),
    UINT64("u64", 8),
    INT64("i64", 8),
    FLOAT64("f64", 8);

    private final String label;
    private final int leastBytes;

    ValueType(String label, int leastBytes) {
        this.label = label;
        this.leastBytes = leastBytes;
    }

    /** Short name. */
    public String label() {
        return label;
    }

    /** Fewest bytes that a value takes in a version 3 file. */
    int leastBytes() {
        return leastBytes;
    }

    static Optional<ValueType> of(int id) {
        return id >= 0 && id < values().length ? Optional.of(values()[id]) : Optional.empty();
    }
}
