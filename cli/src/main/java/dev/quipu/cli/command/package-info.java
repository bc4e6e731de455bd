/** One class for each command. */
@NullMarked
package dev.quipu.cli.command;

import org.jspecify.annotations.NullMarked;
