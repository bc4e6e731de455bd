package dev.quipu.cli.option;

import dev.quipu.cli.Console;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text that a command takes from an argument, a file, or standard input. */
public final class TextInput {
    private TextInput() {}

    /** The argument if it is not empty, else the file, else all of standard input. */
    public static String read(String argument, String file, Console console) throws IOException {
        if (!argument.isEmpty()) {
            return argument;
        }
        if (!file.isEmpty() && !file.equals("-")) {
            return file(Path.of(file));
        }
        if (console.terminal().in()) {
            console.err().println("type or paste the text, then press Ctrl-D at the beginning of a line");
        }
        return new String(console.in().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The text of a file, which must be valid UTF-8. */
    public static String file(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new IOException(path + " is a folder, expected a file");
        }
        try {
            return Files.readString(path);
        } catch (CharacterCodingException e) {
            throw new IOException(path + " is not valid UTF-8", e);
        }
    }
}
