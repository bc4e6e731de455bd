package dev.quipu.runtime.tokenizer;

import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * The tokens with which a model ends its turn: those that metadata name, and those known by their text. Files often call
 * the latter plain text; they are made control tokens, and so are the first of each kind of fill-in-the-middle tokens.
 *
 * <p>Source: llama.cpp's llama-vocab, which keeps the list of texts that occur.
 */
final class EndOfGeneration {
    private static final List<String> TEXTS = List.of(
            "<|eot_id|>",
            "<|im_end|>",
            "<|end|>",
            "<|return|>",
            "<|call|>",
            "<|flush|>",
            "<|calls|>",
            "<end_of_turn>",
            "<|endoftext|>",
            "</s>",
            "<|eom_id|>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "[EOS]",
            "<|end_of_text|>",
            "<end_of_utterance>",
            "<eos>",
            "<turn|>",
            "<|tool_response>",
            "<｜end▁of▁sentence｜>",
            "[e~[");

    /** A kind of fill-in-the-middle token: its key in the metadata, its texts, and whether a turn ends with it. */
    private record Fill(String key, boolean endsTurn, List<String> texts) {}

    private static final List<Fill> FILLS = List.of(
            new Fill(
                    "fim_pre",
                    false,
                    List.of(
                            "<|fim_prefix|>",
                            "<fim-prefix>",
                            "<fim_prefix>",
                            "<｜fim▁begin｜>",
                            "<PRE>",
                            "▁<PRE>",
                            "<|code_prefix|>",
                            "<|prefix|>")),
            new Fill(
                    "fim_suf",
                    false,
                    List.of(
                            "<|fim_suffix|>",
                            "<fim-suffix>",
                            "<fim_suffix>",
                            "<｜fim▁hole｜>",
                            "<SUF>",
                            "▁<SUF>",
                            "<|code_suffix|>",
                            "<|suffix|>")),
            new Fill(
                    "fim_mid",
                    false,
                    List.of(
                            "<|fim_middle|>",
                            "<fim-middle>",
                            "<fim_middle>",
                            "<｜fim▁end｜>",
                            "<MID>",
                            "▁<MID>",
                            "<|code_middle|>",
                            "<|middle|>")),
            new Fill("fim_pad", true, List.of("<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]")),
            new Fill("fim_rep", true, List.of("<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>")),
            new Fill("fim_sep", true, List.of("<|file_sep|>")));

    /** Tokens that are shown to the reader, though files call them control tokens. */
    private static final List<String> SHOWN = List.of("<|channel|>", "<|message|>", "<|start|>", "<|constrain|>");

    private EndOfGeneration() {}

    /** The tokens that end a turn, once the types of the vocabulary are put right. */
    static BitSet of(Vocabulary vocabulary) {
        BitSet tokens = new BitSet();
        for (Fill fill : FILLS) {
            OptionalInt token = token(vocabulary, fill);
            if (fill.endsTurn()) {
                token.ifPresent(tokens::set);
            }
        }
        for (String text : TEXTS) {
            control(vocabulary, text).ifPresent(tokens::set);
        }
        for (String text : SHOWN) {
            int token = vocabulary.find(text);
            if (token >= 0) {
                vocabulary.retype(token, TokenType.USER_DEFINED);
            }
        }
        for (String key : List.of("eos", "eot", "eom")) {
            vocabulary.special(key).ifPresent(tokens::set);
        }
        boolean returns = has(tokens, vocabulary, "<|return|>") || has(tokens, vocabulary, "<|flush|>");
        boolean calls = has(tokens, vocabulary, "<|call|>") || has(tokens, vocabulary, "<|calls|>");
        if (returns && calls) {
            remove(tokens, vocabulary, "<|end|>", TokenType.USER_DEFINED);
        }
        if (has(tokens, vocabulary, "<|tool_response>")) {
            remove(tokens, vocabulary, "</s>", TokenType.NORMAL);
        }
        return tokens;
    }

    private static OptionalInt token(Vocabulary vocabulary, Fill fill) {
        OptionalInt named = vocabulary.special(fill.key());
        if (named.isPresent()) {
            return named;
        }
        return fill.texts().stream()
                .map(text -> control(vocabulary, text))
                .filter(OptionalInt::isPresent)
                .findFirst()
                .orElse(OptionalInt.empty());
    }

    /** The token of a text, from now on a control token. */
    private static OptionalInt control(Vocabulary vocabulary, String text) {
        int token = vocabulary.find(text);
        if (token < 0) {
            return OptionalInt.empty();
        }
        vocabulary.retype(token, TokenType.CONTROL);
        return OptionalInt.of(token);
    }

    private static boolean has(BitSet tokens, Vocabulary vocabulary, String text) {
        int token = vocabulary.find(text);
        return token >= 0 && tokens.get(token);
    }

    private static void remove(BitSet tokens, Vocabulary vocabulary, String text, TokenType type) {
        if (has(tokens, vocabulary, text)) {
            tokens.clear(vocabulary.find(text));
            vocabulary.retype(vocabulary.find(text), type);
        }
    }
}
