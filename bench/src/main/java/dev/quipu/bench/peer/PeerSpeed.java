package dev.quipu.bench.peer;

/**
 * One measurement of a peer.
 *
 * @param engine what it calls itself
 */
public record PeerSpeed(String engine, double tokensPerSecond) {}
