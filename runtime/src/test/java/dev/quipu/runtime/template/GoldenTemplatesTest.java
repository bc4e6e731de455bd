package dev.quipu.runtime.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    @Test
    @SuppressWarnings("unchecked")
    void rendersAsJinja2Does() throws IOException {
        Map<String, Object> golden = JSON.std.mapFrom(
                Files.readString(GoldenFiles.require("golden/chat-templates/cases.json")));
        Map<String, String> templates = (Map<String, String>) golden.get("templates");
        Map<String, Map<String, Object>> cases = (Map<String, Map<String, Object>>) golden.get("cases");
        List<Map<String, Object>> expectations = (List<Map<String, Object>>) golden.get("expect");
        List<String> wrong = new ArrayList<>();
        for (Map<String, Object> expectation : expectations) {
            String name = expectation.get("template") + " / " + expectation.get("case");
            Map<String, String> expected = (Map<String, String>) expectation.get("expect");
            try {
                String rendered = ChatTemplate.of(templates.get(expectation.get("template")), SpecialTokens.NONE)
                        .render(List.of(), List.of(), true, cases.get(expectation.get("case")));
                if (!rendered.equals(expected.get("ok"))) wrong.add(name + ": differs: " + rendered + "\n--- expected " + expected);
            } catch (TemplateException e) {
                if (expected.containsKey("ok")) wrong.add(name + ": " + e);
            }
        }
        assertThat(expectations).hasSizeGreaterThan(500);
        assertThat(wrong).isEmpty();
    }
}
