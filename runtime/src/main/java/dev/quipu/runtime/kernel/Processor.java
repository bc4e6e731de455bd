package dev.quipu.runtime.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this machine's processor does better than others with the same instructions. */
final class Processor {
    private static final String MAKER = "AuthenticAMD";
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    /**
     * Whether it adds floats on units of its own, beside those that multiply and add: AMD's since Zen. On Intel's, 512-bit
     * additions and multiply-adds share their units (Agner Fog, The microarchitecture of Intel, AMD and VIA CPUs).
     */
    static final boolean ADDS_BESIDE_MULTIPLY_ADDS = isAmd();

    private Processor() {}

    private static boolean isAmd() {
        String windows = System.getenv("PROCESSOR_IDENTIFIER");
        return windows == null ? isMakerIn(CPUINFO) : windows.contains(MAKER);
    }

    private static boolean isMakerIn(Path cpuinfo) {
        if (!Files.isReadable(cpuinfo)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            return lines.limit(8).anyMatch(line -> line.startsWith("vendor_id") && line.endsWith(MAKER));
        } catch (IOException unreadable) {
            return false;
        }
    }
}
