package dev.quipu.runtime.tokenizer;

import java.util.Arrays;

/** From a token's text to its id: a hash table with open addressing, since a vocabulary has up to a million texts. */
final class TokenIndex {
    private final String[] texts;
    private final int[] slots;
    private final int mask;
    private int longest;

    /** Indexes all texts; of equal ones the first counts. */
    TokenIndex(String[] texts) {
        this.texts = texts;
        slots = new int[Math.max(16, Integer.highestOneBit(Math.max(1, texts.length)) * 4)];
        mask = slots.length - 1;
        Arrays.fill(slots, -1);
        for (int id = 0; id < texts.length; id++) {
            int slot = slot(texts[id]);
            if (slots[slot] < 0) {
                slots[slot] = id;
                longest = Math.max(longest, texts[id].length());
            }
        }
    }

    /** The token's id, or -1. */
    int find(String text) {
        return text.length() > longest ? -1 : slots[slot(text)];
    }

    /** Length of the longest text, in UTF-16 units. */
    int longest() {
        return longest;
    }

    private int slot(String text) {
        int hash = text.hashCode() * 0x9E3779B9;
        int slot = (hash ^ hash >>> 15) & mask;
        while (slots[slot] >= 0 && !texts[slots[slot]].equals(text)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
