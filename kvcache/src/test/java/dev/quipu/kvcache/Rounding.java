package dev.quipu.kvcache;

import java.util.function.UnaryOperator;

/** What storing a row in a type does to its floats, written apart from the codecs. */
final class Rounding {
    private Rounding() {}

    static UnaryOperator<float[]> of(KvType type) {
        return switch (type) {
            case F32 -> UnaryOperator.identity();
            case F16 -> Rounding::halves;
        };
    }

    private static float[] halves(float[] row) {
        float[] rounded = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            rounded[i] = Float.float16ToFloat(Float.floatToFloat16(row[i]));
        }
        return rounded;
    }
}
