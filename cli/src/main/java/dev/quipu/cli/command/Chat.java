package dev.quipu.cli.command;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.ExitCode;
import dev.quipu.cli.FailureText;
import dev.quipu.cli.ResultFile;
import dev.quipu.cli.option.KvFlags;
import dev.quipu.cli.option.PromptTemplate;
import dev.quipu.cli.option.TextInput;
import dev.quipu.kvcache.KvSnapshotException;
import dev.quipu.runtime.ContextFullException;
import dev.quipu.runtime.Generation;
import dev.quipu.runtime.GenerationLimits;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.StopReason;
import dev.quipu.runtime.Timings;
import dev.quipu.runtime.sampling.SamplingOptions;
import dev.quipu.runtime.template.ChatMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/**
 * The conversation: reads lines, carries out commands, and prints answers. The session keeps what the turns have in common,
 * so that nothing is computed twice.
 */
final class Chat {
    /** Begins and ends a message of several lines. */
    private static final String QUOTES = "\"\"\"";

    private static final String HELP = """
            /clear          forget the conversation
            /regen          answer the last message again
            /system TEXT    tell the model something before the conversation, and begin anew
            /read FILE      send a file's text
            /save FILE      write the conversation to a file (JSON), and what the model remembers of it to FILE.kv
            /load FILE      go on with a saved conversation
            /context        how full the context is, and which parts of it each layer holds
            \"""...\"""       a message of several lines; or end a line with \\
            /exit           leave (also /quit, /bye, Ctrl-D)""";

    private final Console console;
    private final ChatInput input;
    private final Model model;
    private final Session session;
    private final PromptTemplate template;
    private final SamplingOptions sampling;
    private final KvFlags kv;
    private final GenerationLimits limits;
    private final List<ChatMessage> messages = new ArrayList<>();

    /** How many tokens were there already when the last answer's prompt was computed. */
    private int reused;

    Chat(
            Console console,
            ChatInput input,
            Model model,
            Session session,
            PromptTemplate template,
            SamplingOptions sampling,
            KvFlags kv,
            GenerationLimits limits,
            String system) {
        this.console = console;
        this.input = input;
        this.model = model;
        this.session = session;
        this.template = template;
        this.sampling = sampling;
        this.kv = kv;
        this.limits = limits;
        if (!system.isEmpty()) {
            messages.add(ChatMessage.system(system));
        }
    }

    /** Until the person leaves; returns the exit code. */
    int converse() throws IOException {
        while (true) {
            String line;
            try {
                line = read();
            } catch (ChatInput.Interrupted e) {
                return ExitCode.INTERRUPTED;
            }
            if (line == null || List.of("/exit", "/quit", "/bye").contains(line.strip())) {
                return ExitCode.FINE;
            }
            if (line.isBlank()) {
                continue;
            }
            if (line.startsWith("/")) {
                command(line.strip());
            } else {
                say(line);
            }
        }
    }

    @org.jspecify.annotations.Nullable
    private String read() throws IOException, ChatInput.Interrupted {
        String line = input.line("> ");
        if (line != null && line.startsWith(QUOTES)) {
            return quoted(line.substring(QUOTES.length()));
        }
        StringBuilder whole = new StringBuilder();
        while (line != null && line.endsWith("\\")) {
            whole.append(line, 0, line.length() - 1).append('\n');
            line = input.line(". ");
        }
        return line == null && whole.isEmpty()
                ? null
                : whole.append(line == null ? "" : line).toString();
    }

    /** All lines up to the one that ends with {@value #QUOTES}. */
    private String quoted(String first) throws IOException, ChatInput.Interrupted {
        StringBuilder whole = new StringBuilder();
        String line = first;
        while (line != null && !line.endsWith(QUOTES)) {
            whole.append(line).append('\n');
            line = input.line(". ");
        }
        if (line != null) {
            whole.append(line, 0, line.length() - QUOTES.length());
        }
        return whole.toString().strip();
    }

    private void command(String line) {
        String name = line.split("\\s", 2)[0];
        String argument = line.substring(name.length()).strip();
        try {
            switch (name) {
                case "/help", "/?" -> note(HELP);
                case "/clear" -> {
                    messages.removeIf(message -> !message.role().equals("system"));
                    session.clear();
                    note("the conversation is forgotten");
                }
                case "/system" -> {
                    messages.clear();
                    session.clear();
                    messages.add(ChatMessage.system(argument));
                    note("begun anew with this system prompt");
                }
                case "/regen" -> regenerate();
                case "/read" -> say(TextInput.file(file(argument)));
                case "/save" -> save(file(argument));
                case "/load" -> load(file(argument));
                case "/context" -> showContext();
                default -> note("unknown command " + name + "; /help lists them");
            }
        } catch (IOException | IllegalArgumentException e) {
            note(name + ": " + FailureText.of(e));
        }
    }

    private static Path file(String argument) throws IOException {
        if (argument.isEmpty()) {
            throw new IOException("which file?");
        }
        return Path.of(argument);
    }

    private void showContext() {
        note(String.format(
                Locale.ROOT,
                kv.evicts() ? "%d tokens, context of %d, %.1f MiB" : "%d of %d tokens, %.1f MiB",
                session.position(),
                session.contextTokens(),
                KvReport.mebibytes(session.kvBytes())));
        KvReport.picture(session, input.columns()).forEach(this::note);
    }

    private void regenerate() throws IOException {
        if (!messages.isEmpty() && messages.getLast().role().equals("assistant")) {
            messages.removeLast();
        }
        if (messages.isEmpty() || !messages.getLast().role().equals("user")) {
            note("there is nothing to answer again");
            return;
        }
        if (!kv.evicts() && reused <= session.position()) {
            // Computed in the same batches as before, the prompt has the same logits to the last bit.
            session.truncate(reused);
        }
        answer();
    }

    private void say(String text) throws IOException {
        messages.add(ChatMessage.user(text));
        answer();
    }

    private void answer() throws IOException {
        int[] prompt;
        try {
            prompt = template.tokens(model, messages);
        } catch (CommandFailure e) {
            messages.removeLast();
            note(e.getMessage() + "; the message was not sent");
            return;
        }
        StringBuilder text = new StringBuilder();
        if (kv.protectsSystem()) {
            session.protectFirst(template.fixedTokens(model, messages));
        }
        try (Generation generation = session.generate(prompt, sampling, limits)) {
            stopOnInterrupt(generation);
            while (generation.hasNext()) {
                String piece = generation.next();
                text.append(piece);
                console.out().print(piece);
                console.out().flush();
            }
            console.out().println();
            console.out().flush();
            reused = generation.timings().reusedTokens();
            note(speed(generation.timings()));
            new KvReport(kv).lines(generation.timings().kvLoss(), session).forEach(this::note);
            if (generation.stopReason().orElseThrow() == StopReason.CONTEXT_FULL) {
                note("the context of " + session.contextTokens() + " tokens is full: the answer ends here;"
                        + " nothing was dropped. /clear begins anew");
            }
            messages.add(ChatMessage.assistant(text.toString()));
        } catch (ContextFullException e) {
            messages.removeLast();
            note(e.getMessage() + "; the message was not sent. /clear begins anew");
        }
    }

    /** The first Ctrl-C stops the answer, a second one leaves. */
    private void stopOnInterrupt(Generation generation) {
        AtomicBoolean stopping = new AtomicBoolean();
        input.onInterrupt(() -> {
            if (stopping.getAndSet(true)) {
                Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
            }
            generation.cancel();
        });
    }

    private static String speed(Timings t) {
        return String.format(
                Locale.ROOT,
                "[ Prompt: %.1f t/s | Generation: %.1f t/s | KV: %.1f MiB ]",
                t.promptTokens() * 1e9 / Math.max(1, t.promptNanos()),
                t.evalTokens() * 1e9 / Math.max(1, t.evalNanos()),
                KvReport.mebibytes(t.kvBytes()));
    }

    private void save(Path path) throws IOException {
        List<Map<String, String>> saved = new ArrayList<>();
        for (ChatMessage message : messages) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("role", message.role());
            fields.put("content", message.content());
            saved.add(fields);
        }
        try (ResultFile out = ResultFile.create(path)) {
            out.write(JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asBytes(saved));
            out.complete();
        }
        if (session.position() > 0) {
            session.save(remembered(path));
        }
        note("saved " + messages.size() + " messages to " + path);
    }

    /** The file beside a saved conversation that holds what the model remembers of it. */
    private static Path remembered(Path path) {
        return path.resolveSibling(path.getFileName() + ".kv");
    }

    private void load(Path path) throws IOException {
        List<ChatMessage> loaded = new ArrayList<>();
        for (Object entry : entries(path)) {
            if (!(entry instanceof Map<?, ?> fields)
                    || !(fields.get("role") instanceof String role)
                    || !(fields.get("content") instanceof String content)) {
                throw new IOException(path + " is not a saved conversation");
            }
            loaded.add(new ChatMessage(role, content));
        }
        messages.clear();
        messages.addAll(loaded);
        note("loaded " + loaded.size() + " messages");
        if (Files.exists(remembered(path))) {
            try {
                session.restore(remembered(path));
            } catch (KvSnapshotException e) {
                note(e.getMessage() + "; the conversation will be computed again");
            }
        }
    }

    private static List<Object> entries(Path path) throws IOException {
        try {
            return JSON.std.listFrom(TextInput.file(path));
        } catch (JacksonException e) {
            throw new IOException(path + " is not a saved conversation", e);
        }
    }

    private void note(String text) {
        console.err().println(text);
        console.err().flush();
    }
}
