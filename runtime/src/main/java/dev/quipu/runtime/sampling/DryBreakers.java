package dev.quipu.runtime.sampling;

import dev.quipu.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The token sequences in which a breaker text can occur: in a token, or across the end of one and the tokens after it. */
final class DryBreakers {
    private DryBreakers() {}

    static List<int[]> of(List<String> texts, Tokenizer tokenizer) {
        List<int[]> sequences = new ArrayList<>();
        for (int token = 0; token < tokenizer.vocabularySize(); token++) {
            String piece = new String(tokenizer.bytes(token, true), StandardCharsets.UTF_8);
            for (String text : texts) {
                add(sequences, token, piece, text, tokenizer);
            }
        }
        return sequences;
    }

    private static void add(List<int[]> sequences, int token, String piece, String text, Tokenizer tokenizer) {
        if (piece.contains(text)) {
            sequences.add(new int[] {token});
            return;
        }
        for (int length = Math.min(piece.length(), text.length() - 1); length > 0; length--) {
            if (piece.endsWith(text.substring(0, length))) {
                int[] rest = tokenizer.encode(text.substring(length), false, false);
                int[] sequence = new int[1 + rest.length];
                sequence[0] = token;
                System.arraycopy(rest, 0, sequence, 1, rest.length);
                sequences.add(sequence);
            }
        }
    }
}
