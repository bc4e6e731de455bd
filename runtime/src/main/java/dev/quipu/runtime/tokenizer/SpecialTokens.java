package dev.quipu.runtime.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds special tokens in text. Longer ones are looked for first, each in all the text that the ones before have left, as
 * llama.cpp does.
 */
final class SpecialTokens {
    /** What a piece of text is: a token, or plain text where {@code token} is -1. */
    record Piece(int from, int to, int token) {}

    private final Vocabulary vocabulary;
    private final List<Integer> longestFirst = new ArrayList<>();
    private final boolean phi3;

    SpecialTokens(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        for (int token = 0; token < vocabulary.size(); token++) {
            TokenType type = vocabulary.type(token);
            boolean special = type == TokenType.CONTROL || type == TokenType.USER_DEFINED || type == TokenType.UNKNOWN;
            if (special && !vocabulary.text(token).isEmpty()) {
                longestFirst.add(token);
            }
        }
        longestFirst.sort(Comparator.comparingInt(
                (Integer token) -> -vocabulary.text(token).length()));
        String name = vocabulary
                .metadata()
                .find("general.name")
                .map(Object::toString)
                .orElse("")
                .toLowerCase(Locale.ROOT);
        phi3 = name.contains("phi-3") || name.contains("phi3");
    }

    /** @param parseControl whether control tokens are recognised; user-defined ones always are */
    List<Piece> partition(String text, boolean parseControl) {
        List<Piece> pieces = new ArrayList<>();
        if (!text.isEmpty()) {
            pieces.add(new Piece(0, text.length(), -1));
        }
        for (int token : longestFirst) {
            boolean always = vocabulary.type(token) == TokenType.USER_DEFINED;
            if ((always || parseControl) && text.contains(vocabulary.text(token))) {
                pieces = cut(text, pieces, token);
            }
        }
        return pieces;
    }

    private List<Piece> cut(String text, List<Piece> pieces, int token) {
        String special = vocabulary.text(token);
        List<Piece> result = new ArrayList<>(pieces.size() + 2);
        for (Piece piece : pieces) {
            if (piece.token() >= 0) {
                result.add(piece);
                continue;
            }
            int from = piece.from();
            int at;
            while ((at = text.indexOf(special, from, piece.to())) >= 0) {
                if (at > from) {
                    result.add(new Piece(from, at, -1));
                }
                from = at + special.length();
                result.add(new Piece(at, from, token));
                while (takesFollowingSpace(token) && from < piece.to() && isSpace(text.charAt(from))) {
                    from++;
                }
            }
            if (from < piece.to()) {
                result.add(new Piece(from, piece.to(), -1));
            }
        }
        return result;
    }

    /** Phi-3's tokens swallow the white space behind them, but for those that it has from Llama. */
    private boolean takesFollowingSpace(int token) {
        return phi3 && !Set.of("<unk>", "<s>", "<|endoftext|>").contains(vocabulary.text(token));
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
