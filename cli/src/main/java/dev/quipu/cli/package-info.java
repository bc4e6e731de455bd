/** The quipu command. */
@NullMarked
package dev.quipu.cli;

import org.jspecify.annotations.NullMarked;
