/** The model, and how an application talks to it. */
@NullMarked
package dev.quipu.runtime;

import org.jspecify.annotations.NullMarked;
