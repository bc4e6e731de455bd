/**
 * What the cache forgets: how important a cell is ({@link dev.quipu.kvcache.eviction.Scorer}), which cells stay
 * ({@link dev.quipu.kvcache.eviction.Selection}), and how many in which layer and head
 * ({@link dev.quipu.kvcache.eviction.LayerAllocation}, {@link dev.quipu.kvcache.eviction.HeadAllocation}). The three combine
 * freely to a {@link dev.quipu.kvcache.eviction.KvPolicy}; its presets are the published methods. One paper, one file. This
 * package knows numbers about cells, not where cells are stored.
 */
@NullMarked
package dev.quipu.kvcache.eviction;

import org.jspecify.annotations.NullMarked;
