package dev.quipu.gguf;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Real models and expected outputs, kept outside of the repository because of their size: the folder {@code shared}
 * beside the checkout, or the one that {@code QUIPU_SHARED} names. Continuous integration has them (CI=true), and there
 * a missing file fails the test; elsewhere the tests that need them do not run, and say so.
 */
public final class GoldenFiles {
    private GoldenFiles() {}

    /** The file or folder {@code relative}, such as {@code golden/tiny/index.json}. */
    public static Path require(String relative) {
        String configured = System.getenv("QUIPU_SHARED");
        Path file;
        if (configured != null) {
            file = Path.of(configured, relative);
        } else {
            // Maven runs each module's tests in the module's folder, an editor often in the repository's.
            Path besideModule = Path.of("..", "..", "shared", relative);
            file = Files.exists(besideModule) ? besideModule : Path.of("..", "shared", relative);
        }
        if (!Files.exists(file)) {
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError(
                        "CI must provide " + file.toAbsolutePath().normalize());
            }
            Assumptions.abort("not on this machine: " + relative + " (set QUIPU_SHARED)");
        }
        return file;
    }
}
