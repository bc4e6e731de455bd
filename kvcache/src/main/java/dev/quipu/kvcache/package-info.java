/** What the model remembers: off-heap storage per (layer, KV head), attention over it, eviction. */
@NullMarked
package dev.quipu.kvcache;

import org.jspecify.annotations.NullMarked;
