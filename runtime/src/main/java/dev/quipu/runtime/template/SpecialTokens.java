package dev.quipu.runtime.template;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Texts of special tokens that templates name, as {@code bos_token} and so on.
 *
 * @param bos beginning of sequence, empty if the model has none
 * @param eos end of sequence, empty if the model has none
 * @param others further variables, such as {@code pad_token} or {@code unk_token}
 */
public record SpecialTokens(String bos, String eos, Map<String, String> others) {
    public static final SpecialTokens NONE = new SpecialTokens("", "");

    public SpecialTokens {
        others = Map.copyOf(others);
    }

    public SpecialTokens(String bos, String eos) {
        this(bos, eos, Map.of());
    }

    Map<String, Object> toVariables() {
        Map<String, Object> variables = new LinkedHashMap<>(others);
        variables.put("bos_token", bos);
        variables.put("eos_token", eos);
        return variables;
    }
}
