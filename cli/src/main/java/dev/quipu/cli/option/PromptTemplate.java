package dev.quipu.cli.option;

import dev.quipu.cli.CommandFailure;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.template.ChatMessage;
import dev.quipu.runtime.template.ChatTemplate;
import dev.quipu.runtime.template.TemplateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which template turns a conversation into a prompt. */
public final class PromptTemplate {
    @Option(
            names = "--chat-template",
            paramLabel = "FILE",
            description = "A file with a Jinja template. Default: the model's own.")
    private String file = "";

    /** The tokens of a conversation that the model is to continue. */
    public int[] tokens(Model model, List<ChatMessage> messages) throws IOException {
        ChatTemplate template = template(model);
        String prompt;
        try {
            prompt = template.render(messages);
        } catch (TemplateException e) {
            throw CommandFailure.failed("chat template: " + e.getMessage(), e);
        }
        return model.tokenizer().encode(prompt, !template.beginsWithBos(prompt), true);
    }

    private ChatTemplate template(Model model) throws IOException {
        if (file.isEmpty()) {
            Optional<ChatTemplate> own = model.chatTemplate();
            return own.orElseThrow(() -> CommandFailure.failed(
                    "the model has no chat template: choose one with --chat-template, or use --raw"));
        }
        return model.chatTemplate(TextInput.file(Path.of(file)));
    }
}
