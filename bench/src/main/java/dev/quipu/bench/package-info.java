/** Throughput tables, kernel benchmarks, eviction quality. */
@NullMarked
package dev.quipu.bench;

import org.jspecify.annotations.NullMarked;
