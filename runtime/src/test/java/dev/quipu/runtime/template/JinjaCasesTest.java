package dev.quipu.runtime.template;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.jr.ob.JSON;

/** Every construct, filter, test and method, against what Jinja2 makes of it; the file says which version. */
final class JinjaCasesTest {
    @Test
    @SuppressWarnings("unchecked")
    void rendersAsJinja2Does() throws IOException {
        Map<String, Object> file;
        try (InputStream in = requireNonNull(getClass().getResourceAsStream("jinja2-cases.json"))) {
            file = JSON.std.mapFrom(in);
        }
        Map<String, Object> variables =
                new LinkedHashMap<>((Map<String, Object>) requireNonNull(file.get("variables")));
        List<Map<String, Object>> messages = (List<Map<String, Object>>) requireNonNull(variables.remove("messages"));
        List<Map<String, String>> cases = (List<Map<String, String>>) requireNonNull(file.get("cases"));
        List<String> wrong = new ArrayList<>();
        for (Map<String, String> one : cases) {
            String template = requireNonNull(one.get("template"));
            try {
                String text =
                        ChatTemplate.of(template, SpecialTokens.NONE).render(messages, List.of(), false, variables);
                if (!text.equals(one.get("text"))) {
                    wrong.add(template + "\nmakes\n" + text + "\nexpected\n" + one);
                }
            } catch (TemplateException e) {
                if (one.get("error") == null) {
                    wrong.add(template + "\nfails with " + e.getMessage() + "\nexpected\n" + one);
                }
            }
        }
        assertThat(cases).hasSizeGreaterThan(550);
        assertThat(wrong).isEmpty();
    }
}
