package dev.quipu.bench.eviction.result;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/**
 * The folder of one run: {@code settings.json}, and {@code measurements.jsonl} with a line for each measurement, written as it
 * is made. A run that was interrupted goes on from there.
 */
public final class RunDirectory {
    private final Path folder;
    private final Path file;
    private final Map<Key, Measurement> measurements = new LinkedHashMap<>();

    private RunDirectory(Path folder) {
        this.folder = folder;
        file = folder.resolve("measurements.jsonl");
    }

    /**
     * Opens a folder, new or of an earlier run.
     *
     * @param settings what must be the same for measurements to be comparable
     * @throws IllegalArgumentException if the folder holds a run of other settings
     */
    public static RunDirectory open(Path folder, Map<String, Object> settings) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("settings.json");
        String text = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(settings) + "\n";
        if (Files.exists(file) && !Files.readString(file).equals(text)) {
            throw new IllegalArgumentException(
                    "%s holds a run of other settings (settings.json); choose another folder".formatted(folder));
        }
        Files.writeString(file, text);
        RunDirectory run = new RunDirectory(folder);
        run.load();
        return run;
    }

    private void load() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        StringBuilder whole = new StringBuilder();
        String text = Files.readString(file);
        for (String line : text.lines().toList()) {
            try {
                Measurement measurement = Measurement.of(JSON.std.mapFrom(line));
                measurements.put(measurement.key(), measurement);
                whole.append(line).append('\n');
            } catch (JacksonException | NullPointerException | ClassCastException e) {
                // The line that was being written when the run was interrupted: it is measured again.
                continue;
            }
        }
        if (!text.contentEquals(whole)) {
            Path mended = folder.resolve("measurements.tmp");
            Files.writeString(mended, whole);
            Files.move(mended, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    public Path folder() {
        return folder;
    }

    public boolean has(Key key) {
        return measurements.containsKey(key);
    }

    public Optional<Measurement> find(Key key) {
        return Optional.ofNullable(measurements.get(key));
    }

    /** All measurements, in the order they were made. */
    public Collection<Measurement> all() {
        return measurements.values();
    }

    public void add(Key key, Map<String, Object> values) throws IOException {
        String line = JSON.std.asString(new Measurement(key, values).line());
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        // As it will be read again, rounded: a run that goes on must come to the same numbers.
        measurements.put(key, Measurement.of(JSON.std.mapFrom(line)));
    }
}
