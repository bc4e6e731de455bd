package dev.quipu.cli.command;

import dev.quipu.gguf.MetadataValue;
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
import dev.quipu.gguf.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Metadata as JSON values; numbers that JSON cannot write are texts. */
final class MetadataJson {
    private MetadataJson() {}

    static Object of(MetadataValue value) {
        return switch (value) {
            case IntegerValue i -> integer(i.type(), i.value());
            case FloatValue f -> f.type() == ValueType.FLOAT32 ? number((float) f.value()) : number(f.value());
            case BoolValue b -> b.value();
            case StringValue s -> s.value();
            case IntArray a -> Arrays.stream(a.ints()).boxed().toList();
            case IntegerArray a ->
                LongStream.of(a.longs()).mapToObj(n -> integer(a.type(), n)).toList();
            case FloatArray a -> {
                List<Object> numbers = new ArrayList<>();
                for (float f : a.floats()) {
                    numbers.add(number(f));
                }
                yield numbers;
            }
            case DoubleArray a ->
                Arrays.stream(a.doubles()).mapToObj(MetadataJson::number).toList();
            case BoolArray a -> {
                List<Object> flags = new ArrayList<>();
                for (boolean b : a.bools()) {
                    flags.add(b);
                }
                yield flags;
            }
            case StringArray a -> List.of(a.strings());
            case NestedArray a -> a.values().stream().map(MetadataJson::of).toList();
        };
    }

    private static Object integer(ValueType type, long value) {
        return type == ValueType.UINT64 && value < 0 ? Long.toUnsignedString(value) : (Object) value;
    }

    private static Object number(float value) {
        return Float.isFinite(value) ? (Object) value : Float.toString(value);
    }

    private static Object number(double value) {
        return Double.isFinite(value) ? (Object) value : Double.toString(value);
    }
}
