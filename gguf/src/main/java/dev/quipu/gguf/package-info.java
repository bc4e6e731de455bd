/** The GGUF file format: map, parse, validate, write. */
@NullMarked
package dev.quipu.gguf;

import org.jspecify.annotations.NullMarked;
