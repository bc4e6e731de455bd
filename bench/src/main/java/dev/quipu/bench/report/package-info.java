/** Pictures of results. */
@NullMarked
package dev.quipu.bench.report;

import org.jspecify.annotations.NullMarked;
