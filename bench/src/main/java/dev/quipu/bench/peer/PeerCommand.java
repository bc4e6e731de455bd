package dev.quipu.bench.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another engine's benchmark: a command line to which {@code MODEL -t T -p P -n N -r 1 -d D -ctk K -ctv V} is added. Where it
 * says {model}, the model goes there instead. It prints its result as {@link PeerOutput} says, on standard output.
 */
public final class PeerCommand {
    private static final String MODEL = "{model}";

    private final List<String> words;

    /** @param command words separated by blanks, in quotes where they contain some */
    public PeerCommand(String command) {
        words = split(command);
        if (words.isEmpty()) {
            throw new IllegalArgumentException("--peer must be a command");
        }
    }

    /**
     * Runs it once, which takes as long as it takes, and returns the speed of its one repetition.
     *
     * @param generated 0 for a prompt; with {@code prompt} 0 for generation
     */
    public PeerSpeed run(Path model, int threads, int prompt, int generated, int depth, String keys, String values)
            throws IOException {
        List<String> command = new ArrayList<>();
        words.forEach(word -> command.add(word.replace(MODEL, model.toString())));
        if (!words.toString().contains(MODEL)) {
            command.add(model.toString());
        }
        command.addAll(List.of("-t", "" + threads, "-p", "" + prompt, "-n", "" + generated, "-r", "1"));
        command.addAll(List.of("-d", "" + depth, "-ctk", keys, "-ctv", values));
        return PeerOutput.parse(output(command), prompt, generated);
    }

    private static String output(List<String> command) throws IOException {
        Path errors = Files.createTempFile("peer", ".err");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                String error = Files.readString(errors).strip();
                throw new IOException(
                        "the peer failed (" + code + "): " + error.substring(error.lastIndexOf('\n') + 1));
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(errors);
        }
    }

    static List<String> split(String command) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (char c : command.toCharArray()) {
            if (quote != 0 ? c == quote : c == '"' || c == '\'') {
                quote = quote == 0 ? c : 0;
                begun = true;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (begun) {
                    words.add(word.toString());
                }
                word.setLength(0);
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }
}
