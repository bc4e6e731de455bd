package dev.quipu.bench.eviction.data;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/** Documents of a file: one a line of JSON, or the whole of a text. */
public final class DocumentFile {
    private DocumentFile() {}

    /**
     * Reads a file; its name ends in {@code .jsonl} or it is plain text.
     *
     * @param field name of the text in each line
     * @param skip documents left out at the beginning
     * @param limit most documents
     * @throws IllegalArgumentException if a line is not JSON or lacks the field, or there is nothing in the file
     */
    public static List<Document> read(Path file, String field, int skip, int limit) throws IOException {
        if (!isJson(file)) {
            String text = read(file);
            if (text.isBlank()) {
                throw new IllegalArgumentException("%s holds no text".formatted(file));
            }
            return List.of(new Document(file.getFileName().toString(), text));
        }
        List<Document> documents = new ArrayList<>();
        int number = skip;
        for (Map<String, Object> line : lines(file, skip, limit)) {
            if (!(line.get(field) instanceof String text)) {
                throw new IllegalArgumentException(
                        "%s: line %d has no text '%s'; it has %s".formatted(file, number + 1, field, line.keySet()));
            }
            documents.add(new Document(stem(file) + "-" + number++, text));
        }
        requireSome(documents, file, skip);
        return documents;
    }

    /** A file that was asked for and says nothing is a mistake. */
    static void requireSome(List<?> found, Path file, int skip) {
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    skip == 0
                            ? "%s holds no lines".formatted(file)
                            : "%s holds no lines after the first %d".formatted(file, skip));
        }
    }

    static boolean isJson(Path file) {
        return file.toString().endsWith(".jsonl");
    }

    /** Name of a file of lines without its ending. */
    static String stem(Path file) {
        return file.getFileName().toString().replace(".jsonl", "");
    }

    /** Lines that are not blank, without the first {@code skip} of them. */
    static List<Map<String, Object>> lines(Path file, int skip, int limit) throws IOException {
        List<Map<String, Object>> lines = new ArrayList<>();
        int number = 0;
        for (String line : read(file).lines().toList()) {
            if (line.isBlank() || number++ < skip || lines.size() >= limit) {
                continue;
            }
            try {
                lines.add(JSON.std.mapFrom(line));
            } catch (JacksonException e) {
                throw new IllegalArgumentException("%s: line %d is not JSON".formatted(file, number), e);
            }
        }
        return lines;
    }

    private static String read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException("%s is a folder".formatted(file));
        }
        try {
            return Files.readString(file);
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException("%s is not text in UTF-8".formatted(file), e);
        }
    }
}
