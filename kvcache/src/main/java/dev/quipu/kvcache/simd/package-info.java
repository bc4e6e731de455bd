/**
 * Vector widths: one source file per kernel, one class per width at run time. Shared with the runtime's kernels.
 */
@NullMarked
package dev.quipu.kvcache.simd;

import org.jspecify.annotations.NullMarked;
