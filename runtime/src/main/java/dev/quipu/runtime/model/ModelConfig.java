package dev.quipu.runtime.model;

import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.KvType;

/**
 * The hyperparameters of a model, as its metadata states them.
 *
 * @param architecture {@code general.architecture}
 * @param contextLength tokens of context the model was trained for
 * @param embeddingLength width of the residual stream
 * @param feedForwardLength width of the feed-forward layer
 * @param heads query heads
 * @param kvHeads key and value heads; {@code heads} is a multiple
 * @param keyLength elements of a query or key head
 * @param valueLength elements of a value head
 * @param ropeDimensions how many elements of a head are rotated, from the first on
 */
public record ModelConfig(
        String architecture,
        int vocabularySize,
        int contextLength,
        int embeddingLength,
        int layers,
        int feedForwardLength,
        int heads,
        int kvHeads,
        int keyLength,
        int valueLength,
        float normEpsilon,
        RopeStyle ropeStyle,
        int ropeDimensions,
        double ropeBase,
        RopeScaling ropeScaling) {

    /** Channels of all query heads. */
    public int queryChannels() {
        return heads * keyLength;
    }

    /** Channels of all key heads. */
    public int keyChannels() {
        return kvHeads * keyLength;
    }

    /** Channels of all value heads. */
    public int valueChannels() {
        return kvHeads * valueLength;
    }

    /** Channels of all heads' outputs, before the output projection. */
    public int attentionChannels() {
        return heads * valueLength;
    }

    /** The shape of a KV cache for this model. */
    KvLayout kvLayout(KvType keys, KvType values, int contextTokens) {
        return new KvLayout(
                layers,
                heads,
                kvHeads,
                keyLength,
                valueLength,
                (float) (1 / Math.sqrt(keyLength)),
                keys,
                values,
                contextTokens);
    }
}
