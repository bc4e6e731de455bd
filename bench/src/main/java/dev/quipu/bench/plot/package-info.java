/** Pictures of throughput. */
@NullMarked
package dev.quipu.bench.plot;

import org.jspecify.annotations.NullMarked;
