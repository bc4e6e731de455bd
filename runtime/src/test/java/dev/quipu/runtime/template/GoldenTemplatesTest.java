package dev.quipu.runtime.template;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GoldenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.jr.ob.JSON;

/** Real chat templates with conversations of several kinds, against what Jinja2 makes of them. */
class GoldenTemplatesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-07-04T12:00:00Z"), ZoneOffset.UTC);

    @Test
    @SuppressWarnings("unchecked")
    void rendersAsJinja2Does() throws IOException {
        Map<String, Object> golden =
                JSON.std.mapFrom(Files.readString(GoldenFiles.require("golden/chat-templates/cases.json")));
        Map<String, String> templates = (Map<String, String>) requireNonNull(golden.get("templates"));
        Map<String, Map<String, Object>> cases = (Map<String, Map<String, Object>>) requireNonNull(golden.get("cases"));
        List<Map<String, Object>> expectations = (List<Map<String, Object>>) requireNonNull(golden.get("expect"));
        List<String> wrong = new ArrayList<>();
        for (Map<String, Object> expectation : expectations) {
            String template = (String) requireNonNull(expectation.get("template"));
            String conversation = (String) requireNonNull(expectation.get("case"));
            Map<String, String> expected = (Map<String, String>) requireNonNull(expectation.get("expect"));
            String name = template + " / " + conversation + ": ";
            try {
                String rendered = ChatTemplate.of(requireNonNull(templates.get(template)), SpecialTokens.NONE)
                        .withClock(CLOCK)
                        .render(List.of(), List.of(), true, requireNonNull(cases.get(conversation)));
                if (!rendered.equals(expected.get("ok"))) {
                    wrong.add(name + "rendered\n" + rendered + "\nexpected\n" + expected);
                }
            } catch (TemplateException e) {
                if (expected.containsKey("ok")) wrong.add(name + e.getMessage());
            }
        }
        assertThat(expectations).hasSizeGreaterThan(500);
        assertThat(wrong).isEmpty();
    }
}
