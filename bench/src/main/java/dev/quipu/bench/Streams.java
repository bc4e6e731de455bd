package dev.quipu.bench;

import java.io.PrintStream;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err everything meant for a person's eyes
 */
public record Streams(PrintStream out, PrintStream err) {}
