package dev.quipu.cli.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model that is completely in the store.
 *
 * @param files names of its GGUF files, in the order of their parts
 * @param bytes of all files
 * @param source where it came from
 * @param license as its source names it, or "unknown"
 */
public record StoredModel(String name, Path folder, List<String> files, long bytes, String source, String license) {
    /** The file that describes a model. It is written last: a folder without it is not a model yet. */
    static final String DESCRIPTION = "model.json";

    /** The file to open; further parts are beside it. */
    public Path file() {
        return folder.resolve(files.getFirst());
    }

    /** Its type of weights, as its file name says. */
    public String quantization() {
        return Quantization.of(files.getFirst());
    }

    static StoredModel read(Path folder) throws IOException {
        Path description = folder.resolve(DESCRIPTION);
        JsonObject json = JsonObject.read(description);
        List<String> files = json.strings("files");
        if (files.isEmpty()) {
            throw new IOException(description + " names no files");
        }
        return new StoredModel(
                json.string("name").orElse(folder.getFileName().toString()),
                folder,
                files,
                json.number("bytes").orElse(0),
                json.string("source").orElse("unknown"),
                json.string("license").orElse("unknown"));
    }

    void write() throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("files", files);
        json.put("bytes", bytes);
        json.put("source", source);
        json.put("license", license);
        Path description = folder.resolve(DESCRIPTION);
        Path unfinished = folder.resolve(DESCRIPTION + ".new");
        Files.writeString(unfinished, JsonObject.write(json));
        Moves.replace(unfinished, description);
    }
}
