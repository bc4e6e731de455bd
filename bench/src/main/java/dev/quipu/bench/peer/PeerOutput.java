package dev.quipu.bench.peer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/**
 * What a peer prints: llama-bench's JSON, an array of objects with {@code n_prompt}, {@code n_gen} and {@code avg_ts}; or one
 * object with {@code pp_tok_s} and {@code tg_tok_s}. Lines before it are passed over.
 */
final class PeerOutput {
    private PeerOutput() {}

    /** Tokens per second of the run that was asked for. */
    static PeerSpeed parse(String output, int prompt, int generated) throws IOException {
        Object json = json(output);
        if (json instanceof Map<?, ?> object && !object.containsKey("avg_ts")) {
            Object speed = object.get(generated == 0 ? "pp_tok_s" : "tg_tok_s");
            return new PeerSpeed(String.valueOf(object.get("engine")), number(speed, output));
        }
        List<Object> runs = new ArrayList<>();
        if (json instanceof List<?> list) {
            runs.addAll(list);
        } else {
            runs.add(json);
        }
        for (Object run : runs) {
            if (run instanceof Map<?, ?> fields
                    && is(fields.get("n_prompt"), prompt)
                    && is(fields.get("n_gen"), generated)) {
                return new PeerSpeed("llama-bench " + fields.get("build_commit"), number(fields.get("avg_ts"), output));
            }
        }
        throw new IOException("the peer printed no result for " + prompt + " prompt and " + generated
                + " generated tokens: " + shortened(output));
    }

    private static Object json(String output) throws IOException {
        int brace = output.indexOf('{');
        int bracket = output.indexOf('[');
        int start = brace < 0 ? bracket : bracket < 0 ? brace : Math.min(brace, bracket);
        if (start < 0) {
            throw new IOException("the peer printed no JSON: " + shortened(output));
        }
        try {
            return JSON.std.anyFrom(output.substring(start));
        } catch (JacksonException e) {
            throw new IOException("the peer's JSON cannot be read: " + shortened(output), e);
        }
    }

    private static boolean is(@Nullable Object value, int number) {
        return value instanceof Number n && n.intValue() == number;
    }

    private static double number(@Nullable Object value, String output) throws IOException {
        if (value instanceof Number number && number.doubleValue() > 0) {
            return number.doubleValue();
        }
        throw new IOException("the peer's speed is " + value + ": " + shortened(output));
    }

    private static String shortened(String output) {
        String line = output.strip().replaceAll("\\s+", " ");
        return line.length() <= 200 ? line : line.substring(0, 200) + "...";
    }
}
