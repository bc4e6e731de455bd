package dev.quipu.runtime.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The merges of byte-level BPE: from two neighbouring symbols to the rank of their merge and the symbol it makes. A symbol
 * is a token's id; texts that merges mention but the vocabulary lacks get numbers beyond it.
 */
final class MergeTable {
    private final Vocabulary vocabulary;
    private final Map<String, Integer> beyond = new HashMap<>();
    private final long[] pairs;
    private final int[] ranks;
    private final int[] results;
    private final int mask;

    MergeTable(Vocabulary vocabulary, String[] merges) {
        this.vocabulary = vocabulary;
        int slots = Integer.highestOneBit(Math.max(8, merges.length)) * 4;
        pairs = new long[slots];
        ranks = new int[slots];
        results = new int[slots];
        mask = slots - 1;
        Arrays.fill(pairs, -1);
        for (int rank = 0; rank < merges.length; rank++) {
            String merge = merges[rank];
            int space = merge.indexOf(' ', 1);
            if (space < 0 || space == merge.length() - 1) {
                throw new TokenizerFormatException(
                        "tokenizer.ggml.merges: element " + rank + " is '" + merge + "', expected two texts");
            }
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            put(pair(symbol(left), symbol(right)), rank, symbol(left.concat(right)));
        }
    }

    private int symbol(String text) {
        int token = vocabulary.find(text);
        return token >= 0 ? token : beyond.computeIfAbsent(text, t -> vocabulary.size() + beyond.size());
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    private void put(long pair, int rank, int result) {
        int slot = find(pair);
        if (pairs[slot] < 0) {
            pairs[slot] = pair;
            ranks[slot] = rank;
            results[slot] = result;
        }
    }

    private int find(long pair) {
        long hash = pair * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 32) & mask;
        while (pairs[slot] >= 0 && pairs[slot] != pair) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    /** A slot for {@link #rank} and {@link #result}, or -1 if the two do not merge. */
    int lookup(int left, int right) {
        if (left < 0 || right < 0) {
            return -1;
        }
        int slot = find(pair(left, right));
        return pairs[slot] < 0 ? -1 : slot;
    }

    int rank(int slot) {
        return ranks[slot];
    }

    int result(int slot) {
        return results[slot];
    }
}
