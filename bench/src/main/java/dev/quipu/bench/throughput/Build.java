package dev.quipu.bench.throughput;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What runs, and on what. */
final class Build {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    private Build() {}

    /** The version in the jar's manifest. Classes that are not in the jar have none. */
    static String version() {
        @Nullable String version = Build.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    static String java() {
        return System.getProperty("java.vm.name") + " " + Runtime.version();
    }

    /** The processor's name as Linux knows it; elsewhere its architecture. */
    static String processor() {
        try {
            if (Files.isReadable(CPUINFO)) {
                for (String line : Files.readAllLines(CPUINFO)) {
                    if (line.startsWith("model name")) {
                        return line.substring(line.indexOf(':') + 1).strip();
                    }
                }
            }
        } catch (IOException unreadable) {
            return System.getProperty("os.arch");
        }
        return System.getProperty("os.arch");
    }
}
