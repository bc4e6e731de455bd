package dev.quipu.cli.option;

import dev.quipu.cli.Console;
import java.io.IOException;
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
        byte[] bytes =
                file.isEmpty() || file.equals("-") ? console.in().readAllBytes() : Files.readAllBytes(Path.of(file));
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
