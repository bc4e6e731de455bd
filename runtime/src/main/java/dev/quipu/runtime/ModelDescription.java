package dev.quipu.runtime;

import dev.quipu.gguf.Metadata;
import dev.quipu.runtime.model.FileType;
import java.util.Locale;

/** A model's short name as llama-bench prints it: architecture, size class, file type. */
final class ModelDescription {
    private ModelDescription() {}

    static String of(String architecture, long parameters, Metadata metadata) {
        return architecture + " " + size(parameters) + " " + FileType.of(metadata);
    }

    private static String size(long parameters) {
        if (parameters >= 10_000_000_000L) {
            return String.format(Locale.ROOT, "%.0fB", parameters / 1e9);
        }
        if (parameters >= 1_000_000_000L) {
            return String.format(Locale.ROOT, "%.1fB", parameters / 1e9);
        }
        return String.format(Locale.ROOT, "%.0fM", parameters / 1e6);
    }
}
