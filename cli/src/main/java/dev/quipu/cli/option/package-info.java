/** Options that several commands share. */
@NullMarked
package dev.quipu.cli.option;

import org.jspecify.annotations.NullMarked;
