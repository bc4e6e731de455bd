/** Models timed as llama-bench times them. */
@NullMarked
package dev.quipu.bench.throughput;

import org.jspecify.annotations.NullMarked;
