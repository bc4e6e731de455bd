package dev.quipu.cli.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The models that have a short name.
 *
 * @param defaultName the model of commands that name none
 */
public record Catalogue(String defaultName, List<Entry> entries) {
    /**
     * @param file name of the GGUF file, also within an archive
     * @param bytes its size
     * @param sha256 in lower-case hex digits
     * @param sources where to get it, in the order of preference
     */
    public record Entry(
            String name,
            String description,
            String file,
            long bytes,
            String sha256,
            String license,
            List<ModelReference> sources) {}

    /** The catalogue that comes with Quipu. */
    public static Catalogue bundled() throws IOException {
        try (InputStream in = Catalogue.class.getResourceAsStream("catalogue.json")) {
            if (in == null) {
                throw new FileNotFoundException("catalogue.json is missing in the jar");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static Catalogue parse(String json) throws IOException {
        JsonObject root = JsonObject.parse(json, "the catalogue");
        List<Entry> entries =
                root.objects("models").stream().map(Catalogue::entry).toList();
        return new Catalogue(root.string("default").orElseThrow(), entries);
    }

    private static Entry entry(JsonObject model) {
        return new Entry(
                model.string("name").orElseThrow(),
                model.string("description").orElseThrow(),
                model.string("file").orElseThrow(),
                model.number("bytes").orElseThrow(),
                model.string("sha256").orElseThrow(),
                model.string("license").orElseThrow(),
                model.strings("sources").stream().map(ModelReference::parse).toList());
    }

    public Optional<Entry> find(String name) {
        return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }
}
