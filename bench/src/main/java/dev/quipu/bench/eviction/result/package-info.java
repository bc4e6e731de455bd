/** Measurements, kept as they are made. */
@NullMarked
package dev.quipu.bench.eviction.result;

import org.jspecify.annotations.NullMarked;
