package dev.quipu.launch;

import java.util.ArrayList;
import java.util.List;

/** Splits the environment variable QUIPU_JAVA_OPTS: words separated by blanks, in quotes where they contain some. */
final class JvmOptions {
    private JvmOptions() {}

    static List<String> split(String options) {
        List<String> words = new ArrayList<>();
        if (options == null) {
            return words;
        }
        StringBuilder word = null;
        char quote = 0;
        for (char c : options.toCharArray()) {
            if (quote != 0 ? c == quote : c == '"' || c == '\'') {
                quote = quote == 0 ? c : 0;
                word = word == null ? new StringBuilder() : word;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (word != null) {
                    words.add(word.toString());
                    word = null;
                }
            } else {
                word = word == null ? new StringBuilder() : word;
                word.append(c);
            }
        }
        if (word != null) {
            words.add(word.toString());
        }
        return words;
    }
}
