/**
 * The small steps between matrix products, over activations in native memory: float[channels] for one token, or panels,
 * float[panels][channels][32], for a batch. {@link dev.quipu.runtime.step.ScalarSteps} is the definition.
 */
@NullMarked
package dev.quipu.runtime.step;

import org.jspecify.annotations.NullMarked;
