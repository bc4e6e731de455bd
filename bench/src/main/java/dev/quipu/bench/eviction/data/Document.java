package dev.quipu.bench.eviction.data;

/**
 * A text to read.
 *
 * @param name what results call it
 */
public record Document(String name, String text) {}
