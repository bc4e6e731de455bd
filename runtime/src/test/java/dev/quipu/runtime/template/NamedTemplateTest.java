package dev.quipu.runtime.template;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.jr.ob.JSON;

/** Each template with a name makes what llama.cpp makes of the same conversation. */
final class NamedTemplateTest {
    @Test
    @SuppressWarnings("unchecked")
    void makesLlamaCppsText() throws IOException {
        Map<String, Object> file;
        try (InputStream in = requireNonNull(getClass().getResourceAsStream("named-templates.json"))) {
            file = JSON.std.mapFrom(in);
        }
        List<Map<String, Object>> messages = (List<Map<String, Object>>) requireNonNull(file.get("messages"));
        Map<String, String> texts = (Map<String, String>) requireNonNull(file.get("texts"));
        assertThat(texts.keySet()).containsExactlyInAnyOrderElementsOf(NamedTemplate.names());
        texts.forEach((name, text) -> {
            ChatTemplate template = ChatTemplate.of(NamedTemplate.source(name).orElseThrow(), SpecialTokens.NONE);
            assertThat(template.render(messages, List.of(), true, Map.of()))
                    .as(name)
                    .isEqualTo(text);
        });
    }

    @Test
    void knowsNoOthers() {
        assertThat(NamedTemplate.source("../../secret")).isEmpty();
        assertThat(NamedTemplate.source("")).isEmpty();
    }
}
