package dev.quipu.bench.eviction.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Questions of a file of RULER's form: lines of JSON with {@code input}, whose last line is the question, and {@code outputs},
 * whose first is the answer.
 */
public final class QuestionFile {
    private QuestionFile() {}

    /** Whether the file's first line has that form. */
    public static boolean matches(Path file) throws IOException {
        if (!DocumentFile.isJson(file)) {
            return false;
        }
        List<Map<String, Object>> first = DocumentFile.lines(file, 0, 1);
        return !first.isEmpty() && first.getFirst().get("outputs") instanceof List<?>;
    }

    /**
     * Reads a file.
     *
     * @param skip questions left out at the beginning
     * @param limit most questions
     */
    public static List<Question> read(Path file, int skip, int limit) throws IOException {
        String task = DocumentFile.stem(file);
        List<Question> questions = new ArrayList<>();
        int index = skip;
        for (Map<String, Object> line : DocumentFile.lines(file, skip, limit)) {
            if (!(line.get("input") instanceof String input)
                    || !(line.get("outputs") instanceof List<?> outputs)
                    || outputs.isEmpty()) {
                throw new IllegalArgumentException("%s: line %d has no input or no outputs".formatted(file, index + 1));
            }
            int end = input.stripTrailing().lastIndexOf('\n') + 1;
            int length = line.get("length") instanceof Number number ? number.intValue() : 0;
            questions.add(new Question(
                    task + "-" + index++,
                    task,
                    length,
                    -1,
                    input.substring(0, end),
                    input.substring(end).stripTrailing(),
                    " " + outputs.getFirst()));
        }
        DocumentFile.requireSome(questions, file, skip);
        return questions;
    }
}
