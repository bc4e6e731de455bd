package dev.quipu.kvcache.eviction;

import java.util.Arrays;

/**
 * Orders candidates by score and, where scores are equal, by index: a total order, so that the outcome never depends on the
 * algorithm. A candidate is one {@code long}: the score in an order-preserving form above, below it the index, with its bits
 * turned where the smaller goes first.
 */
final class Ranking {
    private long[] keys = new long[0];
    private int turn;
    private int size;

    /**
     * Begins anew, with room for so many. Cells come a few at a time while generating: there is room for more than are needed
     * now.
     */
    void clear(int capacity, Ties ties) {
        if (keys.length < capacity) {
            keys = new long[capacity + capacity / 2 + 64];
        }
        size = 0;
        turn = ties == Ties.EARLY ? Integer.MAX_VALUE : 0;
    }

    /** @param index not negative */
    void add(float score, int index) {
        int bits = Float.floatToIntBits(score + 0f);
        int ordered = bits ^ bits >> 31 & Integer.MAX_VALUE;
        keys[size] = (long) ordered << 32 | index ^ turn;
        size++;
    }

    int size() {
        return size;
    }

    /** Index of the candidate in place i. */
    int index(int i) {
        return (int) keys[i] ^ turn;
    }

    /** Score of the candidate in place i. */
    float score(int i) {
        int ordered = (int) (keys[i] >> 32);
        return Float.intBitsToFloat(ordered ^ ordered >> 31 & Integer.MAX_VALUE);
    }

    /** Orders all candidates, the best first. */
    void sort() {
        Arrays.sort(keys, 0, size);
        for (int i = 0; i < size / 2; i++) {
            long swap = keys[i];
            keys[i] = keys[size - 1 - i];
            keys[size - 1 - i] = swap;
        }
    }

    /** Moves the best {@code count} candidates to the front: Hoare's selection. */
    void top(int count) {
        int low = 0;
        int high = size - 1;
        int last = count - 1;
        while (low < high && last >= 0) {
            long pivot = keys[(low + high) >>> 1];
            int i = low;
            int j = high;
            while (i <= j) {
                while (keys[i] > pivot) {
                    i++;
                }
                while (keys[j] < pivot) {
                    j--;
                }
                if (i <= j) {
                    long swap = keys[i];
                    keys[i] = keys[j];
                    keys[j] = swap;
                    i++;
                    j--;
                }
            }
            if (last <= j) {
                high = j;
            } else if (last >= i) {
                low = i;
            } else {
                return;
            }
        }
    }
}
