package dev.quipu.runtime.tokenizer;

import java.util.BitSet;
import java.util.List;

/** The tokens with which a model ends its turn: those that metadata name, and those known by their text. */
final class EndOfGeneration {
    private static final List<String> KEYS = List.of("eos", "eot", "eom", "fim_pad", "fim_rep", "fim_sep");
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
            "<|eom_id|>",
            "<EOT>",
            "_<EOT>",
            "< EOT >",
            "_< EOT >",
            "<|end_of_text|>",
            "<end_of_utterance>",
            "<｜end▁of▁sentence｜>");

    private EndOfGeneration() {}

    static BitSet of(Vocabulary vocabulary) {
        BitSet tokens = new BitSet();
        for (String key : KEYS) {
            vocabulary.special(key).ifPresent(tokens::set);
        }
        for (String text : TEXTS) {
            int token = vocabulary.find(text);
            boolean plain = token < 0 || vocabulary.type(token) == TokenType.NORMAL;
            if (!plain) {
                tokens.set(token);
            }
        }
        return tokens;
    }
}
