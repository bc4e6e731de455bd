package dev.quipu.cli.store;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The type of weights in a GGUF file's name: {@code Q4_K_M} in {@code Llama-3.2-1B-Instruct-Q4_K_M.gguf}. */
final class Quantization {
    /** Which to take when the user names none: the usual compromise first, then near it. */
    static final List<String> PREFERRED =
            List.of("Q4_K_M", "Q4_K_S", "Q4_0", "Q4_1", "Q5_K_M", "Q5_K_S", "Q8_0", "Q6_K", "F16", "BF16");

    private static final Pattern NAME = Pattern.compile(
            "(?i)(?<![a-z0-9])(I?Q[1-8]_[0-9A-Z]+(?:_[A-Z]+)*|TQ[12]_0|MXFP4(?:_MOE)?|BF16|F16|F32)(?![a-z0-9])");

    private Quantization() {}

    /** In upper case; "unknown" if the name has none. */
    static String of(String fileName) {
        Matcher matcher = NAME.matcher(fileName);
        String found = "unknown";
        while (matcher.find()) {
            found = matcher.group(1).toUpperCase(Locale.ROOT);
        }
        return found;
    }
}
