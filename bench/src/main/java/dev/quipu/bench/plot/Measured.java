package dev.quipu.bench.plot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/**
 * A result from a file that {@code -o json} wrote, ours or llama-bench's.
 *
 * @param model such as {@code llama 1.2B Q4_0}
 * @param backend who computed
 * @param speed tokens per second
 * @param deviation their standard deviation
 * @param peer the peer's tokens per second, where there was one
 */
record Measured(
        String model,
        String backend,
        int prompt,
        int generated,
        int depth,
        int threads,
        double speed,
        double deviation,
        OptionalDouble peer) {

    /** All results of a file. */
    static List<Measured> read(Path file) throws IOException {
        List<Measured> results = new ArrayList<>();
        try {
            for (Object row : JSON.std.listFrom(Files.readString(file))) {
                if (!(row instanceof Map<?, ?> fields)) {
                    throw new IOException(file + ": not a list of results");
                }
                results.add(of(file, fields));
            }
        } catch (JacksonException e) {
            throw new IOException(file + ": not what -o json writes", e);
        }
        return results;
    }

    private static Measured of(Path file, Map<?, ?> fields) throws IOException {
        return new Measured(
                String.valueOf(fields.get("model_type")),
                String.valueOf(fields.get("backends")),
                (int) number(file, fields, "n_prompt"),
                (int) number(file, fields, "n_gen"),
                fields.containsKey("n_depth") ? (int) number(file, fields, "n_depth") : 0,
                (int) number(file, fields, "n_threads"),
                number(file, fields, "avg_ts"),
                number(file, fields, "stddev_ts"),
                fields.get("peer_median_ts") instanceof Number peer
                        ? OptionalDouble.of(peer.doubleValue())
                        : OptionalDouble.empty());
    }

    private static double number(Path file, Map<?, ?> fields, String name) throws IOException {
        @Nullable Object value = fields.get(name);
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new IOException(file + ": a result without " + name);
    }

    /** Model and test: {@code llama 1.2B Q4_0, tg128}. */
    String label() {
        String test =
                generated == 0 ? "pp" + prompt : prompt == 0 ? "tg" + generated : "pp" + prompt + "+tg" + generated;
        return model + ", " + test;
    }
}
