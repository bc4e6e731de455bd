package dev.quipu.runtime.template;

import dev.quipu.runtime.template.jinja.JinjaException;
import dev.quipu.runtime.template.jinja.JinjaTemplate;
import dev.quipu.runtime.template.python.Limits;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The text that a model expects for a conversation, as a Jinja template. Parsed once; may be rendered by several threads.
 *
 * <p>Templates come with downloaded models, so rendering is bounded in time, text and depth ({@link Limits}) and has no access to
 * anything but its variables. Whatever is wrong is a {@link TemplateException}.
 */
public final class ChatTemplate {
    private final String source;
    private final JinjaTemplate template;
    private final SpecialTokens specials;
    private final Limits limits;
    private final Clock clock;

    private ChatTemplate(String source, JinjaTemplate template, SpecialTokens specials, Limits limits, Clock clock) {
        this.source = source;
        this.template = template;
        this.specials = specials;
        this.limits = limits;
        this.clock = clock;
    }

    /** A template from its source, as {@code tokenizer.chat_template} of a file. */
    public static ChatTemplate of(String source, SpecialTokens specials) {
        try {
            return new ChatTemplate(
                    source, JinjaTemplate.parse(source), specials, Limits.DEFAULT, Clock.systemDefaultZone());
        } catch (JinjaException e) {
            throw new TemplateException(e);
        }
    }

    /** The same template with other limits. */
    public ChatTemplate withLimits(Limits other) {
        return new ChatTemplate(source, template, specials, other, clock);
    }

    /** The same template with another clock for {@code strftime_now}. */
    public ChatTemplate withClock(Clock other) {
        return new ChatTemplate(source, template, specials, limits, other);
    }

    public String source() {
        return source;
    }

    public SpecialTokens specials() {
        return specials;
    }

    /** The text for plain messages, ending where the model's answer begins. */
    public String render(List<ChatMessage> messages) {
        List<Map<String, Object>> maps = new ArrayList<>(messages.size());
        for (ChatMessage message : messages) maps.add(message.toMap());
        return render(maps, List.of(), true, Map.of());
    }

    /**
     * The text for a conversation in the form of OpenAI's API: maps, lists, strings, numbers, booleans and nulls.
     *
     * @param tools definitions of tools; with none the template sees no variable {@code tools}
     * @param addGenerationPrompt whether to end where the model's answer begins
     * @param variables further variables, such as {@code documents} or {@code enable_thinking}; they win over all others
     */
    public String render(
            List<? extends Map<String, ?>> messages,
            List<? extends Map<String, ?>> tools,
            boolean addGenerationPrompt,
            Map<String, ? extends @Nullable Object> variables) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(specials.toVariables());
        all.put("messages", messages);
        if (!tools.isEmpty()) all.put("tools", tools);
        all.put("add_generation_prompt", addGenerationPrompt);
        all.putAll(variables);
        try {
            return template.render(all, limits, clock);
        } catch (JinjaException e) {
            throw new TemplateException(e);
        }
    }

    /**
     * Whether a rendered text begins with the beginning-of-sequence token already, as many templates write it themselves.
     * Whoever turns the text into tokens must then not add it again.
     */
    public boolean beginsWithBos(String rendered) {
        return !specials.bos().isEmpty() && rendered.startsWith(specials.bos());
    }
}
