package dev.quipu.runtime.sampling;

import java.util.Arrays;

/** The last tokens of a sequence, the newest first by index. */
final class RecentTokens {
    private final int[] ring;
    private int head;
    private int size;

    RecentTokens(int capacity) {
        ring = new int[capacity];
    }

    void add(int token) {
        if (ring.length == 0) {
            return;
        }
        head = (head + 1) % ring.length;
        ring[head] = token;
        size = Math.min(size + 1, ring.length);
    }

    int size() {
        return size;
    }

    /** The token that was added {@code back} tokens before the newest. */
    int get(int back) {
        return ring[(head - back + ring.length) % ring.length];
    }

    void clear() {
        Arrays.fill(ring, 0);
        size = 0;
    }
}
