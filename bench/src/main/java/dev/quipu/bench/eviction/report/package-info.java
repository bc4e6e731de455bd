/** Numbers with intervals, and the files they are written to. */
@NullMarked
package dev.quipu.bench.eviction.report;

import org.jspecify.annotations.NullMarked;
