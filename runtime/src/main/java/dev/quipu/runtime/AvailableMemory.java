package dev.quipu.runtime;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much memory this process could still take without making the machine swap. */
final class AvailableMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private AvailableMemory() {}

    /**
     * Linux's own estimate (MemAvailable counts what the page cache would give back), within what the container allows;
     * elsewhere three quarters of the physical memory, because free memory leaves out caches.
     */
    static long bytes() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long total = system.getTotalMemorySize();
        try {
            for (String line : Files.isReadable(MEMINFO) ? Files.readAllLines(MEMINFO) : List.<String>of()) {
                if (line.startsWith("MemAvailable:")) {
                    long kibibytes = Long.parseLong(line.replaceAll("[^0-9]", ""));
                    return Math.min(total, kibibytes * 1024);
                }
            }
        } catch (IOException | NumberFormatException unreadable) {
            return total / 4 * 3;
        }
        return total / 4 * 3;
    }
}
