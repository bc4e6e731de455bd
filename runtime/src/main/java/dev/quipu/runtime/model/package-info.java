/**
 * The transformer: hyperparameters and weights read from a GGUF file, rotary positions, and the forward pass.
 *
 * <p>Reading order: {@link dev.quipu.runtime.model.ModelConfig}, {@link dev.quipu.runtime.model.Architecture},
 * {@link dev.quipu.runtime.model.TransformerWeights}, {@link dev.quipu.runtime.model.Rope},
 * {@link dev.quipu.runtime.model.Transformer}.
 */
@NullMarked
package dev.quipu.runtime.model;

import org.jspecify.annotations.NullMarked;
