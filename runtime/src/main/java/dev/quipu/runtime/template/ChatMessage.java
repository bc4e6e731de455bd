package dev.quipu.runtime.template;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A message that is just text.
 *
 * @param role {@code system}, {@code user} or {@code assistant}, or what else the template knows
 */
public record ChatMessage(String role, String content) {
    public static ChatMessage system(String content) {
        return new ChatMessage("system", content);
    }

    public static ChatMessage user(String content) {
        return new ChatMessage("user", content);
    }

    public static ChatMessage assistant(String content) {
        return new ChatMessage("assistant", content);
    }

    /** As templates see it: the keys {@code role} and {@code content}. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = LinkedHashMap.newLinkedHashMap(2);
        map.put("role", role);
        map.put("content", content);
        return map;
    }
}
