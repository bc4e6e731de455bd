package dev.quipu.runtime.tokenizer;

import dev.quipu.gguf.Metadata;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The tokens of a model: texts, kinds, scores, and the special ones that metadata name. */
final class Vocabulary {
    private static final TokenType[] TYPES = TokenType.values();

    private final Metadata metadata;
    private final String[] texts;
    private final TokenType[] types;
    private final float[] scores;
    private final TokenIndex index;

    private Vocabulary(Metadata metadata, String[] texts, TokenType[] types, float[] scores) {
        this.metadata = metadata;
        this.texts = texts;
        this.types = types;
        this.scores = scores;
        this.index = new TokenIndex(texts);
    }

    static Vocabulary of(Metadata metadata) {
        String[] texts = metadata.strings("tokenizer.ggml.tokens")
                .orElseThrow(() -> new TokenizerFormatException("metadata key tokenizer.ggml.tokens is missing"));
        if (texts.length == 0) {
            throw new TokenizerFormatException("tokenizer.ggml.tokens is empty");
        }
        float[] scores = metadata.floats("tokenizer.ggml.scores").orElseGet(() -> new float[texts.length]);
        checkLength("tokenizer.ggml.scores", scores.length, texts.length);
        Optional<int[]> numbers = metadata.ints("tokenizer.ggml.token_type");
        TokenType[] types = new TokenType[texts.length];
        if (numbers.isPresent()) {
            checkLength("tokenizer.ggml.token_type", numbers.get().length, texts.length);
        }
        for (int i = 0; i < types.length; i++) {
            int number = numbers.isPresent() ? numbers.get()[i] : TokenType.NORMAL.ordinal();
            if (number < 0 || number >= TYPES.length) {
                throw new TokenizerFormatException(
                        "tokenizer.ggml.token_type of token " + i + " is " + number + ", expected 0 to 6");
            }
            types[i] = TYPES[number];
        }
        return new Vocabulary(metadata, texts, types, scores);
    }

    private static void checkLength(String key, int found, int expected) {
        if (found != expected) {
            throw new TokenizerFormatException(
                    key + " has " + found + " elements, expected " + expected + ", as tokenizer.ggml.tokens has");
        }
    }

    int size() {
        return texts.length;
    }

    String text(int token) {
        return texts[token];
    }

    String[] texts() {
        return texts;
    }

    TokenType type(int token) {
        return types[token];
    }

    /** Puts a type right, while the tokenizer is made. */
    void retype(int token, TokenType type) {
        types[token] = type;
    }

    float score(int token) {
        return scores[token];
    }

    /** The token of this text, or -1. */
    int find(String text) {
        return index.find(text);
    }

    /** Length of the longest token's text. */
    int longestText() {
        return index.longest();
    }

    /** The special token {@code tokenizer.ggml.NAME_token_id}. */
    OptionalInt special(String name) {
        String key = "tokenizer.ggml." + name + "_token_id";
        OptionalLong id = metadata.integer(key);
        if (id.isEmpty() || id.getAsLong() == 0xffffffffL || id.getAsLong() == -1) {
            return OptionalInt.empty();
        }
        if (id.getAsLong() < 0 || id.getAsLong() >= texts.length) {
            throw new TokenizerFormatException(key + " is " + id.getAsLong() + ", expected less than " + texts.length
                    + ", the size of the vocabulary");
        }
        return OptionalInt.of((int) id.getAsLong());
    }

    Metadata metadata() {
        return metadata;
    }
}
