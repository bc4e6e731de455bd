package dev.quipu.runtime.template;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The chat templates that have a name, for files without one of their own: llama.cpp's names, each a Jinja file beside this
 * class. Like llama.cpp's, they leave the beginning-of-sequence token to the tokenizer.
 */
public final class NamedTemplate {
    private static final List<String> NAMES = List.of(
            "chatglm3",
            "chatglm4",
            "chatml",
            "command-r",
            "deepseek",
            "deepseek2",
            "deepseek3",
            "exaone3",
            "falcon3",
            "gemma",
            "gigachat",
            "glmedge",
            "granite",
            "llama2",
            "llama2-sys",
            "llama2-sys-bos",
            "llama2-sys-strip",
            "llama3",
            "megrez",
            "minicpm",
            "mistral-v1",
            "mistral-v3",
            "mistral-v3-tekken",
            "mistral-v7",
            "mistral-v7-tekken",
            "monarch",
            "openchat",
            "orion",
            "phi3",
            "phi4",
            "rwkv-world",
            "vicuna",
            "vicuna-orca",
            "zephyr");

    private NamedTemplate() {}

    /** All names, in alphabetical order. */
    public static List<String> names() {
        return NAMES;
    }

    /** The source of the template of this name. */
    public static Optional<String> source(String name) {
        if (!NAMES.contains(name)) {
            return Optional.empty();
        }
        try (InputStream in = NamedTemplate.class.getResourceAsStream(name + ".jinja")) {
            if (in == null) {
                throw new IllegalStateException("the template " + name + " is missing from this program");
            }
            return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
