/**
 * Weight matrices times a batch of activations in panels, float[panels][channels][32]. {@link
 * dev.quipu.runtime.matmul.MatMul} hands out tiles of rows to the worker team; a tile's weights are unpacked into
 * per-worker scratch once, {@link dev.quipu.runtime.matmul.PanelKernel} multiplies them with each panel.
 */
@NullMarked
package dev.quipu.runtime.matmul;

import org.jspecify.annotations.NullMarked;
