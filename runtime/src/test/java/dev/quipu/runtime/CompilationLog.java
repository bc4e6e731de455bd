package dev.quipu.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What C2 made of the vector operations in Quipu's methods, from the log of a JVM that ran with {@link #options}. An
 * operation is a call of a method of {@code VectorSupport}, which C2 replaces by an instruction, or else leaves to its Java
 * implementation. The last compilation of a method counts, without those that enter it in a loop.
 *
 * @param operations how many were replaced
 * @param fallbacks method and operation of each that was not
 */
public record CompilationLog(int operations, List<String> fallbacks) {
    private static final String VECTOR_SUPPORT = "jdk.internal.vm.vector.VectorSupport";
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)='([^']*)'");

    /** Makes a JVM write its log. */
    static List<String> options(Path file) {
        return List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+LogCompilation", "-XX:LogFile=" + file);
    }

    static CompilationLog read(Path file) throws IOException {
        Map<String, Compilation> last = new TreeMap<>();
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            Compilation[] current = new Compilation[1];
            lines.forEach(line -> {
                if (line.startsWith("<task ")) {
                    Map<String, String> task = attributes(line);
                    // C1 is named by its level.
                    boolean ours = task.getOrDefault("method", "").startsWith("dev.quipu.");
                    boolean counts = ours && !task.containsKey("level") && !task.containsKey("compile_kind");
                    current[0] = counts ? new Compilation(task.get("method")) : null;
                } else if (line.startsWith("</task>") && current[0] != null) {
                    last.put(current[0].method, current[0]);
                    current[0] = null;
                } else if (current[0] != null) {
                    current[0].read(line);
                }
            });
        }
        return new CompilationLog(
                last.values().stream().mapToInt(c -> c.done.size()).sum(),
                last.values().stream().flatMap(Compilation::fallbacks).toList());
    }

    private static Map<String, String> attributes(String line) {
        Map<String, String> attributes = new HashMap<>();
        Matcher matcher = ATTRIBUTE.matcher(line);
        while (matcher.find()) {
            attributes.put(matcher.group(1), matcher.group(2));
        }
        return attributes;
    }

    /**
     * One method's log. Attempts at an operation have its inline_id; one that succeeds is followed by an intrinsic. C2
     * tries again what failed, unless it has found meanwhile that nobody needs it: one attempt is none.
     */
    private static final class Compilation {
        final String method;
        final Map<String, String> done = new HashMap<>();
        private final Map<String, String> tried = new HashMap<>();
        private final Set<String> triedAgain = new HashSet<>();
        private final Map<String, String> operationNames = new HashMap<>();
        private String vectorSupport = "";
        private String attempt = "";

        Compilation(String method) {
            this.method = method;
        }

        void read(String line) {
            if (line.startsWith("<klass ")) {
                Map<String, String> klass = attributes(line);
                if (VECTOR_SUPPORT.equals(klass.get("name"))) {
                    vectorSupport = klass.get("id");
                }
            } else if (line.startsWith("<method ")) {
                Map<String, String> callee = attributes(line);
                if (vectorSupport.equals(callee.get("holder"))) {
                    operationNames.put(callee.get("id"), callee.get("name"));
                }
            } else if (line.startsWith("<late_inline ")) {
                Map<String, String> call = attributes(line);
                String operation = operationNames.get(call.get("method"));
                attempt = operation == null ? "" : call.get("inline_id");
                if (operation != null && tried.put(attempt, operation) != null) {
                    triedAgain.add(attempt);
                }
            } else if (line.startsWith("<intrinsic id='_Vector") && !attempt.isEmpty()) {
                done.put(attempt, tried.get(attempt));
                attempt = "";
            }
        }

        Stream<String> fallbacks() {
            return triedAgain.stream()
                    .filter(operation -> !done.containsKey(operation))
                    .map(operation -> method + ": " + tried.get(operation));
        }
    }
}
