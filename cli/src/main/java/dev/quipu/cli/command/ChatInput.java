package dev.quipu.cli.command;

import dev.quipu.cli.Console;
import dev.quipu.cli.store.ModelStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** Lines that a person types: with editing and history in a terminal, plain ones from a pipe. */
interface ChatInput extends AutoCloseable {
    /** The person pressed Ctrl-C at an empty prompt; where something was typed, it is only given up. */
    final class Interrupted extends Exception {
        private static final long serialVersionUID = 1;
    }

    /** The next line, or null at the end. */
    @Nullable
    String line(String prompt) throws IOException, Interrupted;

    /** What Ctrl-C does from now on, while no line is read. A pipe has none. */
    void onInterrupt(Runnable action);

    /** How many characters a line of the terminal has. */
    default int columns() {
        return 80;
    }

    @Override
    void close() throws IOException;

    static ChatInput open(Console console) throws IOException {
        if (console.terminal().in() && console.terminal().err()) {
            return new Edited(ModelStore.dataFolder(console.environment())
                    .resolve("quipu")
                    .resolve("chat-history"));
        }
        return new Plain(new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8)));
    }

    /** From a terminal. */
    final class Edited implements ChatInput {
        private final Terminal terminal;
        private final LineReader reader;

        Edited(Path history) throws IOException {
            Files.createDirectories(history.toAbsolutePath().getParent());
            terminal = TerminalBuilder.builder().system(true).build();
            reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .variable(LineReader.HISTORY_FILE, history)
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                    .build();
        }

        @Override
        public @Nullable String line(String prompt) throws Interrupted {
            while (true) {
                try {
                    return reader.readLine(prompt);
                } catch (UserInterruptException e) {
                    if (e.getPartialLine().isEmpty()) {
                        throw new Interrupted();
                    }
                } catch (EndOfFileException e) {
                    return null;
                }
            }
        }

        @Override
        public void onInterrupt(Runnable action) {
            terminal.handle(Terminal.Signal.INT, signal -> action.run());
        }

        @Override
        public int columns() {
            int width = terminal.getSize().getColumns();
            return width > 0 ? width : ChatInput.super.columns();
        }

        @Override
        public void close() throws IOException {
            terminal.close();
        }
    }

    /** From a pipe or file. */
    record Plain(BufferedReader reader) implements ChatInput {
        @Override
        public @Nullable String line(String prompt) throws IOException {
            return reader.readLine();
        }

        @Override
        public void onInterrupt(Runnable action) {}

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
