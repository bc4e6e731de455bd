package dev.quipu.runtime.sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The samplers whose order can be chosen, in llama.cpp's default order. */
public enum SamplerKind {
    PENALTIES("penalties", 'e'),
    DRY("dry", 'd'),
    TOP_N_SIGMA("top_n_sigma", 's'),
    TOP_K("top_k", 'k'),
    TYPICAL_P("typ_p", 'y'),
    TOP_P("top_p", 'p'),
    MIN_P("min_p", 'm'),
    XTC("xtc", 'x'),
    TEMPERATURE("temperature", 't');

    private final String text;
    private final char letter;

    SamplerKind(String text, char letter) {
        this.text = text;
        this.letter = letter;
    }

    /** The name in {@code --samplers}. */
    public String text() {
        return text;
    }

    /**
     * Names separated by semicolons, such as {@code top_k;top_p;temperature}; hyphens and llama.cpp's other spellings are
     * understood.
     *
     * @throws IllegalArgumentException naming the choices
     */
    public static List<SamplerKind> parseNames(String names) {
        List<SamplerKind> kinds = new ArrayList<>();
        for (String name : names.split(";")) {
            String plain = name.strip().replace('-', '_');
            if (!plain.isEmpty()) {
                kinds.add(byName(plain));
            }
        }
        return kinds;
    }

    private static SamplerKind byName(String name) {
        String text =
                switch (name) {
                    case "typical", "typical_p", "typ" -> "typ_p";
                    case "temp" -> "temperature";
                    case "nucleus" -> "top_p";
                    case "top_nsigma" -> "top_n_sigma";
                    default -> name;
                };
        return Arrays.stream(values())
                .filter(kind -> kind.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown sampler '" + name + "', expected "
                        + Arrays.stream(values()).map(SamplerKind::text).collect(Collectors.joining(", "))));
    }

    /**
     * One letter each, such as {@code edskypmxt}.
     *
     * @throws IllegalArgumentException naming the choices
     */
    public static List<SamplerKind> parseLetters(String letters) {
        List<SamplerKind> kinds = new ArrayList<>();
        for (char letter : letters.toCharArray()) {
            kinds.add(Arrays.stream(values())
                    .filter(kind -> kind.letter == letter)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("unknown sampler '" + letter + "', expected "
                            + Arrays.stream(values())
                                    .map(kind -> kind.letter + " (" + kind.text + ")")
                                    .collect(Collectors.joining(", ")))));
        }
        return kinds;
    }
}
