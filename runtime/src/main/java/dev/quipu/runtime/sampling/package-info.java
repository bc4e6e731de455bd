/**
 * From logits to a token: llama.cpp's chain of samplers, in its order and with its defaults, one paper a file.
 */
@NullMarked
package dev.quipu.runtime.sampling;

import org.jspecify.annotations.NullMarked;
