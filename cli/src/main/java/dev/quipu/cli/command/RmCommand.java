package dev.quipu.cli.command;

import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.store.Bytes;
import dev.quipu.cli.store.ModelStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Deletes models from the store. */
@Command(name = "rm", description = "Deletes models, also half downloaded ones, from the model store.")
public final class RmCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "As quipu list shows it, or as it was pulled.")
    private List<String> names = List.of();

    public RmCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ModelStore store = ModelStore.of(console.environment());
        for (String name : names) {
            long bytes = store.remove(name);
            console.err().println("quipu: removed " + name + " (" + Bytes.text(bytes) + ")");
        }
        return 0;
    }
}
