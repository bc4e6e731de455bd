package dev.quipu.cli.perplexity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The log-probabilities of one position in 16 bits each, as llama.cpp's logits file has them: float scale, float minimum,
 * uint16[vocabulary], padded to an even number. Log-probabilities more than 16 below the highest are cut off there.
 */
final class PackedRow {
    private static final int HEAD = 2 * Float.BYTES;
    private static final int LEVELS = 65535;
    private static final float REACH = 16;

    private final int vocabulary;
    private final ByteBuffer bytes;

    PackedRow(int vocabulary) {
        this.vocabulary = vocabulary;
        bytes = ByteBuffer.allocate(bytes(vocabulary)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Size of a row. */
    static int bytes(int vocabulary) {
        return HEAD + (vocabulary + 1) / 2 * 2 * Short.BYTES;
    }

    byte[] array() {
        return bytes.array();
    }

    void pack(float[] logits) {
        Softmax softmax = Softmax.of(logits);
        float lowest = softmax.max();
        for (float logit : logits) {
            lowest = Math.min(lowest, logit);
        }
        lowest = Math.max(lowest, softmax.max() - REACH);
        float scale = (softmax.max() - lowest) / LEVELS;
        bytes.putFloat(0, scale);
        bytes.putFloat(Float.BYTES, (float) (lowest - softmax.max() - softmax.logSum()));
        for (int i = 0; i < vocabulary; i++) {
            int level = scale > 0 && logits[i] > lowest ? Math.round((logits[i] - lowest) / scale) : 0;
            bytes.putShort(HEAD + i * Short.BYTES, (short) Math.min(level, LEVELS));
        }
    }

    float logProbability(int token) {
        int level = Short.toUnsignedInt(bytes.getShort(HEAD + token * Short.BYTES));
        return bytes.getFloat(0) * level + bytes.getFloat(Float.BYTES);
    }
}
