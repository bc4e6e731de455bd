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
        List<Map<String, Object>> first = DocumentFile.lines(file, 1);
        return !first.isEmpty() && first.getFirst().get("outputs") instanceof List<?>;
    }

    public static List<Question> read(Path file, int limit) throws IOException {
        String task = file.getFileName().toString().replace(".jsonl", "");
        List<Question> questions = new ArrayList<>();
        for (Map<String, Object> line : DocumentFile.lines(file, limit)) {
            if (!(line.get("input") instanceof String input)
                    || !(line.get("outputs") instanceof List<?> outputs)
                    || outputs.isEmpty()) {
                throw new IllegalArgumentException(
                        "%s: line %d has no input or no outputs".formatted(file, questions.size() + 1));
            }
            int end = input.stripTrailing().lastIndexOf('\n') + 1;
            int length = line.get("length") instanceof Number number ? number.intValue() : 0;
            questions.add(new Question(
                    task + "-" + questions.size(),
                    task,
                    length,
                    -1,
                    input.substring(0, end),
                    input.substring(end).stripTrailing(),
                    " " + outputs.getFirst()));
        }
        return questions;
    }
}
