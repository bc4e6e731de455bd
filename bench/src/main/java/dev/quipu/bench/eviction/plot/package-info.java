/** Pictures of how good eviction is. */
@NullMarked
package dev.quipu.bench.eviction.plot;

import org.jspecify.annotations.NullMarked;
