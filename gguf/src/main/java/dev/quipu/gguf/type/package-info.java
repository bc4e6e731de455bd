/** Tensor types: the layout of their blocks and what it means, one type a file. */
@NullMarked
package dev.quipu.gguf.type;

import org.jspecify.annotations.NullMarked;
