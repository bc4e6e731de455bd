package dev.quipu.bench.eviction.statistics;

/**
 * A number that was measured, and where it would lie in 95 of 100 repetitions with other documents.
 *
 * @param value over all documents
 * @param low lower end of the interval
 * @param high upper end of the interval
 */
public record Interval(double value, double low, double high) {}
