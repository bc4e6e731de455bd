/** From measurements to numbers with intervals. */
@NullMarked
package dev.quipu.bench.eviction.statistics;

import org.jspecify.annotations.NullMarked;
