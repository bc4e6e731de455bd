package dev.quipu.cli.command;

import dev.quipu.cli.Console;
import dev.quipu.cli.option.CommonOptions;
import dev.quipu.cli.store.Bytes;
import dev.quipu.cli.store.ModelStore;
import dev.quipu.cli.store.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the models in the store. */
@Command(name = "list", aliases = "ls", description = "Lists the models in the model store.")
public final class ListCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    public ListCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ModelStore store = ModelStore.of(console.environment());
        List<StoredModel> models = store.list();
        if (models.isEmpty()) {
            console.err().println("quipu: no models in " + store.folder() + "; quipu pull smollm2-135m gets one");
            return 0;
        }
        int width =
                models.stream().mapToInt(model -> model.name().length()).max().orElse(0);
        String format = "%-" + Math.max(width, 4) + "s  %11s  %-8s  %s%n";
        console.out().printf(format, "NAME", "SIZE", "TYPE", "PATH");
        for (StoredModel model : models) {
            console.out().printf(format, model.name(), Bytes.text(model.bytes()), model.quantization(), model.file());
        }
        return 0;
    }
}
