package dev.quipu.runtime.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Byte-level BPE (GPT-2): the pre-tokenizer cuts text into words; the bytes of each word are merged pairwise, always the
 * neighbours of the lowest rank, the leftmost of equals. n log n in the length of a word.
 *
 * <p>Source: arXiv 1508.07909; Radford et al. 2019, section 2.2.
 */
final class BpeModel implements SubwordModel {
    private final Vocabulary vocabulary;
    private final PreTokenizer preTokenizer;
    private final MergeTable merges;
    private final int[] byteTokens = new int[256];

    BpeModel(Vocabulary vocabulary, PreTokenizer preTokenizer, String[] mergeTexts) {
        this.vocabulary = vocabulary;
        this.preTokenizer = preTokenizer;
        merges = new MergeTable(vocabulary, mergeTexts);
        for (int b = 0; b < 256; b++) {
            byteTokens[b] = vocabulary.find(String.valueOf(ByteAlphabet.character((byte) b)));
        }
    }

    @Override
    public void encode(String text, IntList out) {
        Word word = new Word();
        preTokenizer.split(text, (from, to) -> word.encode(text.substring(from, to), out));
    }

    @Override
    public byte[] bytes(int token) {
        return ByteAlphabet.bytes(vocabulary.text(token));
    }

    /** Working memory for one word after another: a linked list of symbols, and a queue of the merges that are possible. */
    private final class Word {
        private int[] symbol = new int[32];
        private int[] firstByte = new int[33];
        private int[] previous = new int[32];
        private int[] next = new int[32];
        private final MergeQueue queue = new MergeQueue();

        void encode(String text, IntList out) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (preTokenizer.takesWholeWords() && takeWhole(bytes, out)) {
                return;
            }
            start(bytes);
            mergeAll();
            for (int i = bytes.length == 0 ? -1 : 0; i >= 0; i = next[i]) {
                emit(symbol[i], bytes, firstByte[i], next[i] < 0 ? bytes.length : firstByte[next[i]], out);
            }
        }

        private boolean takeWhole(byte[] bytes, IntList out) {
            if (bytes.length > vocabulary.longestText()) {
                return false;
            }
            char[] characters = new char[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                characters[i] = ByteAlphabet.character(bytes[i]);
            }
            int token = vocabulary.find(new String(characters));
            if (token >= 0) {
                out.add(token);
            }
            return token >= 0;
        }

        private void start(byte[] bytes) {
            int n = bytes.length;
            if (n > symbol.length) {
                int size = Math.max(n, 2 * symbol.length);
                symbol = new int[size];
                firstByte = new int[size];
                previous = new int[size];
                next = new int[size];
            }
            for (int i = 0; i < n; i++) {
                symbol[i] = byteTokens[bytes[i] & 0xff];
                firstByte[i] = i;
                previous[i] = i - 1;
                next[i] = i + 1 < n ? i + 1 : -1;
            }
            queue.clear();
            for (int i = 0; i + 1 < n; i++) {
                offer(i);
            }
        }

        private void mergeAll() {
            while (!queue.isEmpty()) {
                long key = queue.poll();
                int left = (int) key;
                if (next[left] < 0 || next[left] == Integer.MIN_VALUE) {
                    continue;
                }
                // A symbol that has changed since has offered its new pair itself.
                int slot = merges.lookup(symbol[left], symbol[next[left]]);
                if (slot < 0 || merges.rank(slot) != (int) (key >>> 32)) {
                    continue;
                }
                int right = next[left];
                symbol[left] = merges.result(slot);
                next[left] = next[right];
                if (next[right] >= 0) {
                    previous[next[right]] = left;
                }
                next[right] = Integer.MIN_VALUE;
                if (previous[left] >= 0) {
                    offer(previous[left]);
                }
                offer(left);
            }
        }

        private void offer(int left) {
            if (next[left] < 0) {
                return;
            }
            int slot = merges.lookup(symbol[left], symbol[next[left]]);
            if (slot >= 0) {
                queue.add((long) merges.rank(slot) << 32 | left);
            }
        }
    }

    private void emit(int symbol, byte[] bytes, int from, int to, IntList out) {
        if (symbol >= 0 && symbol < vocabulary.size()) {
            out.add(symbol);
            return;
        }
        for (byte b : Arrays.copyOfRange(bytes, from, to)) {
            int token = byteTokens[b & 0xff];
            if (token >= 0) {
                out.add(token);
            }
        }
    }
}
