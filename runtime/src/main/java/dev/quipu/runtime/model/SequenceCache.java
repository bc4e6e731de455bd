package dev.quipu.runtime.model;

import dev.quipu.kvcache.AttentionScratch;
import dev.quipu.kvcache.KvCache;

/**
 * What the engine keeps for one sequence.
 *
 * @param kv keys and values
 * @param scratch working memory of attention, one for each worker
 */
public record SequenceCache(KvCache kv, AttentionScratch[] scratch) {
    static SequenceCache of(KvCache kv, int workers) {
        AttentionScratch[] scratch = new AttentionScratch[workers];
        for (int i = 0; i < workers; i++) {
            scratch[i] = kv.newScratch();
        }
        return new SequenceCache(kv, scratch);
    }
}
