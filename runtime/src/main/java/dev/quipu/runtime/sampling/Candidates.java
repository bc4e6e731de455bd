package dev.quipu.runtime.sampling;

import java.util.Arrays;

/**
 * The tokens that may come next, with their logits: at first the whole vocabulary. Stages shrink the list, and sort it
 * when they must; its arrays live as long as the chain.
 */
final class Candidates {
    private final int[] ids;
    private final float[] logits;
    private final double[] probabilities;
    private final long[] keys;
    private int size;
    private boolean sorted;

    Candidates(int vocabulary) {
        ids = new int[vocabulary];
        logits = new float[vocabulary];
        probabilities = new double[vocabulary];
        keys = new long[vocabulary];
    }

    int capacity() {
        return ids.length;
    }

    /** Starts over with the whole vocabulary. NaN counts as minus infinity. */
    void fill(float[] all) {
        size = ids.length;
        sorted = false;
        for (int i = 0; i < size; i++) {
            ids[i] = i;
            logits[i] = Float.isNaN(all[i]) ? Float.NEGATIVE_INFINITY : all[i];
        }
    }

    int size() {
        return size;
    }

    int id(int i) {
        return ids[i];
    }

    float logit(int i) {
        return logits[i];
    }

    void setLogit(int i, float value) {
        logits[i] = value;
        sorted = false;
    }

    /** Multiplies all logits by a positive factor: their order stays. */
    void scale(double factor) {
        for (int i = 0; i < size; i++) {
            logits[i] = (float) (logits[i] * factor);
        }
    }

    boolean isSorted() {
        return sorted;
    }

    /** Index of a token, which is at its own place as long as nothing was dropped or sorted; -1 if it was dropped. */
    int indexOf(int token) {
        if (token < size && ids[token] == token) {
            return token;
        }
        for (int i = 0; i < size; i++) {
            if (ids[i] == token) {
                return i;
            }
        }
        return -1;
    }

    float max() {
        if (sorted) {
            return logits[0];
        }
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            max = Math.max(max, logits[i]);
        }
        return max;
    }

    /** Highest logit first; of equal ones the lower id. */
    void sort() {
        if (sorted) {
            return;
        }
        for (int i = 0; i < size; i++) {
            keys[i] = key(i);
        }
        Arrays.sort(keys, 0, size);
        takeKeys(size);
    }

    /** Keeps the {@code count} highest, sorted. */
    void keepTop(int count) {
        if (count >= size) {
            sort();
            return;
        }
        if (sorted) {
            size = count;
            return;
        }
        // A heap of the best keys so far, the worst of them on top.
        int held = 0;
        for (int i = 0; i < size; i++) {
            long key = key(i);
            if (held < count) {
                keys[held++] = key;
                if (held == count) {
                    for (int at = count / 2 - 1; at >= 0; at--) {
                        sink(at, count);
                    }
                }
            } else if (key < keys[0]) {
                keys[0] = key;
                sink(0, count);
            }
        }
        Arrays.sort(keys, 0, count);
        takeKeys(count);
    }

    private void sink(int from, int count) {
        int at = from;
        long key = keys[at];
        while (2 * at + 1 < count) {
            int child = 2 * at + 1;
            if (child + 1 < count && keys[child + 1] > keys[child]) {
                child++;
            }
            if (keys[child] <= key) {
                break;
            }
            keys[at] = keys[child];
            at = child;
        }
        keys[at] = key;
    }

    /** Ascending keys are descending logits, and ascending ids among equal ones. */
    private long key(int i) {
        int bits = Float.floatToIntBits(logits[i] + 0f);
        int ascending = bits ^ (bits >> 31 & 0x7fffffff);
        return (long) ~ascending << 32 | ids[i];
    }

    private void takeKeys(int count) {
        for (int i = 0; i < count; i++) {
            ids[i] = (int) keys[i];
            int ascending = ~(int) (keys[i] >> 32);
            logits[i] = Float.intBitsToFloat(ascending ^ (ascending >> 31 & 0x7fffffff));
        }
        size = count;
        sorted = true;
    }

    /** Keeps those at the given places, in this order. {@code places} ascend, or the list is not sorted afterwards. */
    void keep(int[] places, int count, boolean staysSorted) {
        for (int i = 0; i < count; i++) {
            keys[i] = (long) Float.floatToRawIntBits(logits[places[i]]) << 32 | ids[places[i]];
        }
        for (int i = 0; i < count; i++) {
            ids[i] = (int) keys[i];
            logits[i] = Float.intBitsToFloat((int) (keys[i] >> 32));
        }
        size = count;
        sorted = sorted && staysSorted;
    }

    /** Keeps the first {@code count}. */
    void truncate(int count) {
        size = count;
    }

    /** Drops the first {@code count}. */
    void dropFirst(int count) {
        System.arraycopy(ids, count, ids, 0, size - count);
        System.arraycopy(logits, count, logits, 0, size - count);
        size -= count;
    }

    /** Keeps those of at least this logit, in their order. Returns whether any did. */
    boolean keepAtLeast(float logit, int atLeast) {
        int count = 0;
        for (int i = 0; i < size; i++) {
            count += logits[i] >= logit ? 1 : 0;
        }
        if (count == 0 || count < atLeast) {
            return false;
        }
        int to = 0;
        for (int i = 0; i < size; i++) {
            if (logits[i] >= logit) {
                ids[to] = ids[i];
                logits[to++] = logits[i];
            }
        }
        size = to;
        return true;
    }

    /**
     * Sorts, and computes the probabilities: softmax of the logits.
     *
     * @throws IllegalStateException if no logit is finite
     */
    void softmax() {
        sort();
        probabilitiesInPlace();
    }

    /** Probabilities without sorting. */
    void probabilitiesInPlace() {
        float max = max();
        if (max == Float.NEGATIVE_INFINITY) {
            throw new IllegalStateException("no token can follow: all logits are minus infinity or NaN");
        }
        double sum = 0;
        for (int i = 0; i < size; i++) {
            // Of several infinite logits each is as likely.
            double p = max == Float.POSITIVE_INFINITY ? (logits[i] == max ? 1 : 0) : Math.exp((double) logits[i] - max);
            probabilities[i] = p;
            sum += p;
        }
        for (int i = 0; i < size; i++) {
            probabilities[i] /= sum;
        }
    }

    double probability(int i) {
        return probabilities[i];
    }

    /** Draws a place by its probability. */
    int draw(double uniform) {
        double left = uniform;
        int last = 0;
        for (int i = 0; i < size; i++) {
            if (probabilities[i] > 0) {
                last = i;
                left -= probabilities[i];
                if (left < 0) {
                    return i;
                }
            }
        }
        return last;
    }
}
