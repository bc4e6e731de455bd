package dev.quipu.cli.store;

import dev.quipu.cli.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of pulled models: one folder for each, with its files and its {@link StoredModel#DESCRIPTION}.
 *
 * @param folder need not exist
 */
public record ModelStore(Path folder) {
    /** The user's store: QUIPU_MODELS, or a folder where the system keeps the data of applications. */
    public static ModelStore of(Map<String, String> environment) {
        @Nullable String configured = environment.get("QUIPU_MODELS");
        if (configured != null && !configured.isEmpty()) {
            return new ModelStore(Path.of(configured).toAbsolutePath());
        }
        return new ModelStore(dataFolder(environment).resolve("quipu").resolve("models"));
    }

    /** Where applications of this user keep what they need, by the system's convention. */
    public static Path dataFolder(Map<String, String> environment) {
        Path home = Path.of(System.getProperty("user.home")).toAbsolutePath();
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        @Nullable String data = environment.get(system.startsWith("windows") ? "LOCALAPPDATA" : "XDG_DATA_HOME");
        if (data != null && Path.of(data).isAbsolute()) {
            return Path.of(data);
        }
        if (system.startsWith("windows")) {
            return home.resolve("AppData/Local");
        }
        return home.resolve(system.startsWith("mac") ? "Library/Application Support" : ".local/share");
    }

    /** All complete models, by name. */
    public List<StoredModel> list() throws IOException {
        List<StoredModel> models = new ArrayList<>();
        for (Path entry : entries()) {
            if (Files.exists(entry.resolve(StoredModel.DESCRIPTION))) {
                models.add(StoredModel.read(entry));
            }
        }
        models.sort(Comparator.comparing(StoredModel::name));
        return models;
    }

    private List<Path> entries() throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    /** The model that {@code text} names: its name in the store, or what was pulled. */
    public Optional<StoredModel> find(String text) throws IOException {
        for (StoredModel model : list()) {
            if (model.name().equals(text) || model.source().equals(text)) {
                return Optional.of(model);
            }
        }
        return Optional.empty();
    }

    Path folderOf(ModelReference reference) {
        return folder.resolve(reference.storeName());
    }

    /** Deletes a model, or what there is of an unfinished one, and returns the bytes it took. */
    public long remove(String text) throws IOException {
        Optional<StoredModel> model = find(text);
        Path victim = model.isPresent()
                ? model.get().folder()
                : folder.resolve(ModelReference.parse(text).storeName());
        if (!Files.isDirectory(victim)) {
            throw CommandFailure.failed("no model named " + text + " in " + folder + " (see quipu list)");
        }
        long bytes = 0;
        try (StoreLock _ = StoreLock.acquire(victim, () -> {
            throw CommandFailure.failed(text + " is being pulled at the moment");
        })) {
            bytes = deleteContents(victim);
        }
        Files.deleteIfExists(victim.resolve(StoreLock.FILE));
        Files.delete(victim);
        return bytes;
    }

    private static long deleteContents(Path victim) throws IOException {
        long bytes = 0;
        // The description first: whatever happens, what remains is not taken for a model.
        Files.deleteIfExists(victim.resolve(StoredModel.DESCRIPTION));
        List<Path> all;
        try (Stream<Path> walk = Files.walk(victim)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            if (file.equals(victim) || file.endsWith(StoreLock.FILE)) {
                continue;
            }
            bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
            Files.delete(file);
        }
        return bytes;
    }
}
