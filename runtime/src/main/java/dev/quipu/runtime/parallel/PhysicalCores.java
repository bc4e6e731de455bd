package dev.quipu.runtime.parallel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How many physical cores this process may use: hyper-threads share the units that kernels are bound by, so a second
 * thread on a core costs more than it brings.
 */
public final class PhysicalCores {
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");

    private PhysicalCores() {}

    /** Physical cores, but no more than the processors that the container or the affinity mask leaves to the JVM. */
    public static int count() {
        int available = Runtime.getRuntime().availableProcessors();
        int physical = Files.isDirectory(CPUS) ? distinctSiblingGroups() : available;
        return Math.clamp(physical == 0 ? available : physical, 1, available);
    }

    /** Linux lists, for each logical processor, those that share its core. */
    private static int distinctSiblingGroups() {
        Set<String> cores = new HashSet<>();
        try (Stream<Path> cpus = Files.list(CPUS)) {
            for (Path cpu : cpus.filter(p -> p.getFileName().toString().matches("cpu[0-9]+"))
                    .toList()) {
                Path siblings = cpu.resolve("topology/thread_siblings_list");
                if (Files.isReadable(siblings)) {
                    cores.add(Files.readString(siblings).strip());
                }
            }
        } catch (IOException unreadable) {
            return 0;
        }
        return cores.size();
    }
}
