/**
 * Kernels: what is computed on the weights of one tensor type, at one vector width and one precision.
 *
 * <p>The scalar form is the definition; each vector form is an optimisation that a test compares with it.
 */
@NullMarked
package dev.quipu.runtime.kernel;

import org.jspecify.annotations.NullMarked;
