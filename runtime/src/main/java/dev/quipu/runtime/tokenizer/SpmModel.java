package dev.quipu.runtime.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * SentencePiece's BPE as llama.cpp runs it: characters are merged pairwise, always the neighbours whose union is the token
 * of the highest score, the leftmost of equals; what is no token in the end becomes byte tokens. n log n in the length of
 * the text.
 *
 * <p>Source: SentencePiece (arXiv 1808.06226), bpe_model.
 */
final class SpmModel implements SubwordModel {
    private static final char SPACE_MARK = '\u2581';

    private final Vocabulary vocabulary;
    private final int[] byteTokens = new int[256];

    SpmModel(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        int unknown = vocabulary.special("unknown").orElse(-1);
        for (int b = 0; b < 256; b++) {
            int token = vocabulary.find(String.format("<0x%02X>", b));
            if (token < 0) {
                token = vocabulary.find(new String(new byte[] {(byte) b}, StandardCharsets.ISO_8859_1));
            }
            byteTokens[b] = token < 0 ? unknown : token;
        }
    }

    @Override
    public void encode(String text, IntList out) {
        new Merging(text.replace(' ', SPACE_MARK)).run(out);
    }

    @Override
    public byte[] bytes(int token) {
        return vocabulary.text(token).replace(SPACE_MARK, ' ').getBytes(StandardCharsets.UTF_8);
    }

    /** One text on its way: a linked list of symbols, and a queue of the merges that are possible. */
    private final class Merging {
        private final String text;
        private final int[] start;
        private final int[] end;
        private final int[] previous;
        private final int[] next;
        private final int count;
        private final MergeQueue queue = new MergeQueue();

        Merging(String text) {
            this.text = text;
            int n = text.codePointCount(0, text.length());
            start = new int[n];
            end = new int[n];
            previous = new int[n];
            next = new int[n];
            int at = 0;
            for (int i = 0; i < n; i++) {
                start[i] = at;
                at += Character.charCount(text.codePointAt(at));
                end[i] = at;
                previous[i] = i - 1;
                next[i] = i + 1 < n ? i + 1 : -1;
            }
            count = n;
        }

        void run(IntList out) {
            for (int i = 0; i + 1 < count; i++) {
                offer(i);
            }
            while (!queue.isEmpty()) {
                long key = queue.poll();
                int left = (int) key;
                // A symbol that has changed since has offered its new pair itself.
                if (start[left] < end[left] && next[left] >= 0 && key(left) == key) {
                    merge(left);
                }
            }
            for (int i = count == 0 ? -1 : 0; i >= 0; i = next[i]) {
                emit(text.substring(start[i], end[i]), out);
            }
        }

        private void merge(int left) {
            int right = next[left];
            end[left] = end[right];
            next[left] = next[right];
            if (next[right] >= 0) {
                previous[next[right]] = left;
            }
            end[right] = start[right];
            if (previous[left] >= 0) {
                offer(previous[left]);
            }
            if (next[left] >= 0) {
                offer(left);
            }
        }

        private void offer(int left) {
            long key = key(left);
            if (key != Long.MAX_VALUE) {
                queue.add(key);
            }
        }

        /** Orders by score, highest first, then by place; MAX_VALUE if the symbol and its neighbour make no token. */
        private long key(int left) {
            int to = end[next[left]];
            if (to - start[left] > vocabulary.longestText()) {
                return Long.MAX_VALUE;
            }
            int token = vocabulary.find(text.substring(start[left], to));
            if (token < 0) {
                return Long.MAX_VALUE;
            }
            int bits = Float.floatToIntBits(-vocabulary.score(token) + 0f);
            int ascending = bits ^ (bits >> 31 & 0x7fffffff);
            return (long) ascending << 32 | left;
        }
    }

    private void emit(String symbol, IntList out) {
        int token = vocabulary.find(symbol);
        if (token >= 0) {
            out.add(token);
            return;
        }
        for (byte b : symbol.getBytes(StandardCharsets.UTF_8)) {
            int byteToken = byteTokens[b & 0xff];
            if (byteToken >= 0) {
                out.add(byteToken);
            }
        }
    }
}
