package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What must hold of every file that could be opened. */
final class Readable {
    private Readable() {}

    static void assertReadable(GgufFile file) {
        assertReadable(file.metadata());
        for (TensorInfo tensor : file.tensors()) {
            MemorySegment data = file.data(tensor);
            assertThat(data.byteSize()).isEqualTo(tensor.bytes()).isPositive();
            data.get(ValueLayout.JAVA_BYTE, 0);
            data.get(ValueLayout.JAVA_BYTE, data.byteSize() - 1);
            float[] row = new float[Math.toIntExact(tensor.columns())];
            tensor.type().dequantize(data, tensor.rowBytes() * (tensor.rows() - 1), row, 0, row.length);
        }
    }

    /** A getter gives a value or says what the value is; the text of a value is short. */
    static void assertReadable(Metadata metadata) {
        for (String key : metadata.keys()) {
            MetadataValue value = metadata.find(key).orElseThrow();
            if (!(value instanceof MetadataValue.StringValue)) {
                assertThat(value.toString()).isNotNull();
            }
            int fits = 0;
            for (Runnable getter : getters(metadata, key)) {
                try {
                    getter.run();
                    fits++;
                } catch (IllegalArgumentException e) {
                    assertThat(e).hasMessageContaining(key);
                }
            }
            assertThat(fits).as("getters for a %s", value.kind()).isLessThanOrEqualTo(2);
        }
    }

    private static Runnable[] getters(Metadata metadata, String key) {
        return new Runnable[] {
            () -> metadata.string(key),
            () -> metadata.integer(key),
            () -> metadata.number(key),
            () -> metadata.bool(key),
            () -> metadata.strings(key),
            () -> metadata.ints(key),
            () -> metadata.floats(key)
        };
    }
}
