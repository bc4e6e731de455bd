package dev.quipu.kvcache;

import java.util.function.UnaryOperator;

/** What storing a vector of one head in a type does to its floats, written apart from the codecs. */
final class Rounding {
    private Rounding() {}

    /** @param dim channels of a head: blocks do not reach over */
    static UnaryOperator<float[]> of(KvType type, int dim) {
        return switch (type) {
            case F32 -> UnaryOperator.identity();
            case F16 -> Rounding::halves;
            case Q8_0 -> row -> blocks(row, dim, -127, 127, 127);
            case Q4_0 -> row -> blocks(row, dim, -8, 7, -8);
        };
    }

    private static float half(float x) {
        return Float.float16ToFloat(Float.floatToFloat16(x));
    }

    private static float[] halves(float[] row) {
        float[] rounded = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            rounded[i] = half(row[i]);
        }
        return rounded;
    }

    /** Blocks of 32 channels; the one of largest magnitude becomes {@code extreme} (its magnitude, where that is positive). */
    private static float[] blocks(float[] row, int dim, int lowest, int highest, int extreme) {
        float[] rounded = new float[row.length];
        for (int head = 0; head < row.length; head += dim) {
            for (int first = head; first < head + dim; first += 32) {
                int last = Math.min(head + dim, first + 32);
                float largest = 0;
                for (int i = first; i < last; i++) {
                    largest = Math.abs(row[i]) > Math.abs(largest) ? row[i] : largest;
                }
                float scale = half((extreme > 0 ? Math.abs(largest) : largest) / extreme);
                for (int i = first; i < last; i++) {
                    rounded[i] = scale * Math.clamp(Math.round(row[i] * (1 / scale)), lowest, highest);
                }
            }
        }
        return rounded;
    }
}
