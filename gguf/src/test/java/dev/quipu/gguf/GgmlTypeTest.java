package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every type's scalar definition against gguf-py; see the README beside the resources. */
final class GgmlTypeTest {
    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"F32", "F16", "BF16", "F64", "I8", "I16", "I32", "I64"})
    void dequantisesExactly(GgmlType type) throws IOException {
        byte[] blocks = resource(type + ".blocks");
        ByteBuffer floats = ByteBuffer.wrap(resource(type + ".floats")).order(ByteOrder.LITTLE_ENDIAN);
        float[] expected = new float[floats.remaining() / Float.BYTES];
        floats.asFloatBuffer().get(expected);
        float[] actual = new float[expected.length + 3];
        type.dequantize(MemorySegment.ofArray(blocks), 0, actual, 3, expected.length);
        assertThat(Arrays.copyOfRange(actual, 3, actual.length)).containsExactly(expected);
    }

    @Test
    void convertsPlainNumbers() {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(one(GgmlType.F32, bytes.putFloat(0, 1.5f))).isEqualTo(1.5f);
        assertThat(one(GgmlType.F64, bytes.putDouble(0, -0.25))).isEqualTo(-0.25f);
        assertThat(one(GgmlType.F16, bytes.putShort(0, Float.floatToFloat16(-3.75f))))
                .isEqualTo(-3.75f);
        assertThat(one(GgmlType.BF16, bytes.putShort(0, (short) 0x3fc0))).isEqualTo(1.5f);
        assertThat(one(GgmlType.I8, bytes.put(0, (byte) -7))).isEqualTo(-7f);
        assertThat(one(GgmlType.I16, bytes.putShort(0, (short) -300))).isEqualTo(-300f);
        assertThat(one(GgmlType.I32, bytes.putInt(0, 70_000))).isEqualTo(70_000f);
        assertThat(one(GgmlType.I64, bytes.putLong(0, 1L << 40))).isEqualTo(1099511627776f);
    }

    @Test
    void refusesPartsOfBlocksAndRangesOutside() {
        MemorySegment block = MemorySegment.ofArray(new byte[18]);
        assertThatThrownBy(() -> GgmlType.Q4_0.dequantize(block, 0, new float[32], 0, 31))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GgmlType.Q4_0.dequantize(block, 1, new float[32], 0, 32))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> GgmlType.Q4_0.dequantize(block, 0, new float[32], 1, 32))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> GgmlType.I64.rowBytes(Long.MAX_VALUE)).isInstanceOf(ArithmeticException.class);
    }

    private static float one(GgmlType type, ByteBuffer bytes) {
        float[] value = new float[1];
        type.dequantize(MemorySegment.ofArray(bytes.array()), 0, value, 0, 1);
        return value[0];
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = GgmlTypeTest.class.getResourceAsStream("type/" + name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        }
    }
}
