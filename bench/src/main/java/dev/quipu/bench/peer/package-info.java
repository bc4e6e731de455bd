/** Another engine's benchmark, run in turn with our own. */
@NullMarked
package dev.quipu.bench.peer;

import org.jspecify.annotations.NullMarked;
