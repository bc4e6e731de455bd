package dev.quipu.runtime.model;

import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.kernel.KernelChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Prints the bits of some tokens' logits: of a session that goes on after it has been saved, in code that has long been
 * compiled, or of one that was restored.
 */
final class RestoreProbe {
    private static final int[] TEXT = new Random(11).ints(120, 3, 8).toArray();
    private static final int SINGLE = 4;
    private static final int BATCH = 9;
    private static final int WARM = 60;

    private RestoreProbe() {}

    /** @param args model, kernel, file of the session, {@code save} or {@code restore} */
    public static void main(String[] args) throws IOException {
        EngineOptions options =
                EngineOptions.defaults().withThreads(1).withWarmUp(false).withKernel(KernelChoice.parse(args[1]));
        Path file = Path.of(args[2]);
        try (Model model = Model.open(Path.of(args[0]), options);
                Session session = model.newSession()) {
            if (args[3].equals("save")) {
                for (int i = 0; i < WARM; i++) {
                    session.clear();
                    session.evaluate(TEXT);
                    logits(session);
                }
                session.clear();
                session.evaluate(TEXT);
                session.save(file);
            } else {
                session.restore(file);
            }
            System.out.println(logits(session));
        }
    }

    private static String logits(Session session) {
        StringBuilder bits = new StringBuilder();
        for (int i = 0; i < SINGLE; i++) {
            bits.append(Arrays.toString(session.evaluate(TEXT[i])));
        }
        return bits.append(Arrays.toString(session.evaluate(Arrays.copyOf(TEXT, BATCH))))
                .toString();
    }
}
