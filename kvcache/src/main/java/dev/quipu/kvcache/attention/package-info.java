/**
 * The read path of the cache: how rows of K and V are encoded, and attention over them.
 *
 * <p>Reading order: {@link dev.quipu.kvcache.attention.RowCodec} defines the bytes of a page, one class per type;
 * {@link dev.quipu.kvcache.attention.KeyKernel} and {@link dev.quipu.kvcache.attention.ValueKernel} read them, scalar (the
 * definition) or in vectors (one template per type, specialised per width);
 * {@link dev.quipu.kvcache.attention.SoftmaxKernel} and {@link dev.quipu.kvcache.attention.PanelKernel} are the float
 * arithmetic between the two; {@link dev.quipu.kvcache.attention.AttentionKernels} chooses.
 */
@NullMarked
package dev.quipu.kvcache.attention;

import org.jspecify.annotations.NullMarked;
