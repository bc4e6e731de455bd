/** JMH benchmarks of single kernels. */
@NullMarked
package dev.quipu.bench.kernel;

import org.jspecify.annotations.NullMarked;
