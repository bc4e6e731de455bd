package dev.quipu.cli.option;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import dev.quipu.cli.store.Catalogue;
import dev.quipu.cli.store.ModelPull;
import dev.quipu.cli.store.ModelReference;
import dev.quipu.cli.store.ModelStore;
import dev.quipu.cli.store.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the file that {@code -m} means. */
final class ModelFile {
    private ModelFile() {}

    /** A path, the name of a pulled model, or nothing: then the default model, which is pulled if it is not there. */
    static Path resolve(String model, Console console) throws IOException {
        ModelStore store = ModelStore.of(console.environment());
        if (!model.isEmpty()) {
            if (Files.exists(Path.of(model))) {
                return Path.of(model);
            }
            return store.find(model)
                    .map(StoredModel::file)
                    .orElseThrow(() -> CommandFailure.failed("no file and no pulled model is called '" + model
                            + "'; `quipu list` shows what is pulled, `quipu pull` gets more"));
        }
        Catalogue catalogue = Catalogue.bundled();
        Optional<StoredModel> pulled = store.find(catalogue.defaultName());
        if (pulled.isPresent()) {
            return pulled.get().file();
        }
        console.err().println("no model given: pulling the default model " + catalogue.defaultName() + ", once");
        return new ModelPull(store, catalogue, console)
                .pull(ModelReference.parse(catalogue.defaultName()))
                .file();
    }
}
