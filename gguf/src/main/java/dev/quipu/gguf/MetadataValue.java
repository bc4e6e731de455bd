package dev.quipu.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** One metadata value: one of the thirteen kinds of the format. Arrays of numbers stay primitive. */
public sealed interface MetadataValue {
    /** The value's kind as the format names it, for messages. */
    String kind();

    /** An integer of 8 to 64 bits; a 64-bit unsigned one beyond 2^63 is kept as its bits. */
    record IntegerValue(ValueType type, long value) implements MetadataValue {
        public IntegerValue {
            switch (type) {
                case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> {}
                case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> throw wrong(type, "an integer");
            }
        }

        @Override
        public String kind() {
            return type.label();
        }

        @Override
        public String toString() {
            return type == ValueType.UINT64 ? Long.toUnsignedString(value) : Long.toString(value);
        }
    }

    /** A number of 32 or 64 bits. */
    record FloatValue(ValueType type, double value) implements MetadataValue {
        public FloatValue {
            if (type != ValueType.FLOAT32 && type != ValueType.FLOAT64) {
                throw wrong(type, "f32 or f64");
            }
        }

        @Override
        public String kind() {
            return type.label();
        }

        @Override
        public String toString() {
            return type == ValueType.FLOAT32 ? Float.toString((float) value) : Double.toString(value);
        }
    }

    record BoolValue(boolean value) implements MetadataValue {
        @Override
        public String kind() {
            return ValueType.BOOL.label();
        }

        @Override
        public String toString() {
            return Boolean.toString(value);
        }
    }

    record StringValue(String value) implements MetadataValue {
        @Override
        public String kind() {
            return ValueType.STRING.label();
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** 64-bit integers, signed or unsigned. */
    record IntegerArray(ValueType type, long[] longs) implements MetadataValue {
        public IntegerArray {
            if (type != ValueType.UINT64 && type != ValueType.INT64) {
                throw wrong(type, "u64 or i64");
            }
        }

        @Override
        public String kind() {
            return "array of " + type.label();
        }

        @Override
        public String toString() {
            return shortened(
                    Arrays.stream(longs).limit(8).mapToObj(Long::toString).toList(), longs.length);
        }
    }

    /** 32-bit integers, signed or unsigned, or smaller ones: what large arrays hold. */
    record IntArray(ValueType type, int[] ints) implements MetadataValue {
        public IntArray {
            switch (type) {
                case UINT8, INT8, UINT16, INT16, UINT32, INT32 -> {}
                case UINT64, INT64, FLOAT32, FLOAT64, BOOL, STRING, ARRAY ->
                    throw wrong(type, "an integer of 32 bits or less");
            }
        }

        @Override
        public String kind() {
            return "array of " + type.label();
        }

        @Override
        public String toString() {
            return shortened(
                    Arrays.stream(ints).limit(8).mapToObj(Integer::toString).toList(), ints.length);
        }
    }

    record FloatArray(float[] floats) implements MetadataValue {
        @Override
        public String kind() {
            return "array of f32";
        }

        @Override
        public String toString() {
            return shortened(
                    java.util.stream.IntStream.range(0, Math.min(8, floats.length))
                            .mapToObj(i -> Float.toString(floats[i]))
                            .toList(),
                    floats.length);
        }
    }

    record DoubleArray(double[] doubles) implements MetadataValue {
        @Override
        public String kind() {
            return "array of f64";
        }

        @Override
        public String toString() {
            return shortened(
                    Arrays.stream(doubles).limit(8).mapToObj(Double::toString).toList(), doubles.length);
        }
    }

    record BoolArray(boolean[] bools) implements MetadataValue {
        @Override
        public String kind() {
            return "array of bool";
        }

        @Override
        public String toString() {
            return shortened(
                    java.util.stream.IntStream.range(0, Math.min(8, bools.length))
                            .mapToObj(i -> Boolean.toString(bools[i]))
                            .toList(),
                    bools.length);
        }
    }

    record StringArray(String[] strings) implements MetadataValue {
        @Override
        public String kind() {
            return "array of str";
        }

        @Override
        public String toString() {
            return shortened(
                    Arrays.stream(strings).limit(8).map(s -> '"' + s + '"').toList(), strings.length);
        }
    }

    /** An array of arrays. */
    record NestedArray(List<MetadataValue> values) implements MetadataValue {
        public NestedArray {
            values = List.copyOf(values);
            for (MetadataValue value : values) {
                switch (value) {
                    case IntArray _, IntegerArray _, FloatArray _, DoubleArray _ -> {}
                    case BoolArray _, StringArray _, NestedArray _ -> {}
                    case IntegerValue _, FloatValue _, BoolValue _, StringValue _ ->
                        throw new IllegalArgumentException("an array of arrays cannot hold a " + value.kind());
                }
            }
        }

        @Override
        public String kind() {
            return "array of array";
        }

        @Override
        public String toString() {
            return shortened(values.stream().limit(8).map(Object::toString).toList(), values.size());
        }
    }

    private static IllegalArgumentException wrong(ValueType type, String expected) {
        return new IllegalArgumentException("type is " + type.label() + ", expected " + expected);
    }

    private static String shortened(List<String> first, int length) {
        return first.stream()
                .collect(Collectors.joining(", ", "[", length > first.size() ? ", … " + length + "]" : "]"));
    }
}
