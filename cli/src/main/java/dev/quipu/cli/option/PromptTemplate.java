package dev.quipu.cli.option;

import dev.quipu.cli.CommandFailure;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.template.ChatMessage;
import dev.quipu.runtime.template.ChatTemplate;
import dev.quipu.runtime.template.NamedTemplate;
import dev.quipu.runtime.template.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which template turns a conversation into a prompt. */
public final class PromptTemplate {
    @Option(
            names = "--chat-template",
            paramLabel = "NAME|FILE|JINJA",
            description = "A template by name (chatml, llama2, llama3, mistral-v7, phi3, zephyr, gemma, ..., as"
                    + " llama.cpp calls them), a file with a Jinja template, or the template itself."
                    + " Default: the model's own.")
    private String choice = "";

    @Option(
            names = "--chat-template-file",
            paramLabel = "FILE",
            description = "A file with a Jinja template, whatever its name.")
    private String file = "";

    /** Finds nonsense before a model is opened. */
    public void check() throws IOException {
        if (file.isEmpty() && !choice.isEmpty()) {
            source();
        }
    }

    /** The tokens of a conversation that the model is to continue. */
    public int[] tokens(Model model, List<ChatMessage> messages) throws IOException {
        try {
            ChatTemplate template = template(model);
            String prompt = template.render(messages);
            return model.tokenizer().encode(prompt, !template.beginsWithBos(prompt), true);
        } catch (TemplateException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * How many tokens a conversation begins with whatever is said in it: the system prompt and what surrounds it.
     *
     * @param messages a conversation
     */
    public int fixedTokens(Model model, List<ChatMessage> messages) throws IOException {
        List<ChatMessage> start = messages.stream()
                .takeWhile(message -> message.role().equals("system"))
                .toList();
        int[] one = tokens(model, with(start, "1"));
        int[] other = tokens(model, with(start, "one"));
        int common = Arrays.mismatch(one, other);
        return common < 0 ? one.length : common;
    }

    private static List<ChatMessage> with(List<ChatMessage> start, String text) {
        List<ChatMessage> messages = new ArrayList<>(start);
        messages.add(ChatMessage.user(text));
        return messages;
    }

    private ChatTemplate template(Model model) throws IOException {
        if (!file.isEmpty()) {
            return model.chatTemplate(TextInput.file(Path.of(file)));
        }
        if (choice.isEmpty()) {
            Optional<ChatTemplate> own = model.chatTemplate();
            return own.orElseThrow(() -> CommandFailure.failed(
                    "the model has no chat template: choose one with --chat-template, or use --raw"));
        }
        return model.chatTemplate(source());
    }

    private String source() throws IOException {
        Optional<String> named = NamedTemplate.source(choice);
        if (named.isPresent()) {
            return named.get();
        }
        if (choice.contains("{{") || choice.contains("{%")) {
            return choice;
        }
        Path path = Path.of(choice);
        if (!Files.exists(path)) {
            throw CommandFailure.usage("--chat-template: '" + choice + "' is neither a file nor one of "
                    + String.join(", ", NamedTemplate.names()));
        }
        return TextInput.file(path);
    }
}
