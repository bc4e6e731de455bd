package dev.quipu.launch;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Base64;

/**
 * The command's arguments as the user typed them.
 *
 * <p>Where no locale is set (a container, cron), the JVM reads its arguments as ASCII and makes everything else U+FFFD.
 * Linux still has their bytes, and they are UTF-8 in practice. A child gets such arguments in a system property, as
 * base64, for the parent JVM could not write them either.
 */
final class CommandArguments {
    private static final String PROPERTY = "quipu.arguments";
    private static final Path COMMAND_LINE = Paths.get("/proc/self/cmdline");

    private CommandArguments() {}

    static String[] decode(String[] args) {
        String encoded = System.getProperty(PROPERTY);
        if (encoded != null) {
            String all = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            return all.isEmpty() ? new String[0] : all.split("\0", -1);
        }
        return isUtf8() || isAscii(args) ? args : readFromSystem(args);
    }

    /** The child's JVM option that carries the arguments, or null if they can be passed as they are. */
    static String encode(String[] arguments) {
        if (isUtf8() || isAscii(arguments)) {
            return null;
        }
        byte[] all = String.join("\0", arguments).getBytes(StandardCharsets.UTF_8);
        return "-D" + PROPERTY + "=" + Base64.getEncoder().encodeToString(all);
    }

    /** Whether file names among the arguments can only be opened by a JVM with another locale. */
    static boolean needUtf8Locale(String[] arguments) {
        return !isUtf8() && !isAscii(arguments) && Files.exists(COMMAND_LINE);
    }

    static boolean isUtf8() {
        String encoding = System.getProperty("sun.jnu.encoding");
        return encoding == null
                || !Charset.isSupported(encoding)
                || Charset.forName(encoding).equals(StandardCharsets.UTF_8);
    }

    private static boolean isAscii(String[] arguments) {
        for (String argument : arguments) {
            if (!argument.chars().allMatch(c -> c < 0x80)) {
                return false;
            }
        }
        return true;
    }

    private static String[] readFromSystem(String[] args) {
        if (!Files.exists(COMMAND_LINE)) {
            return args;
        }
        String[] all;
        try {
            all = new String(Files.readAllBytes(COMMAND_LINE), StandardCharsets.UTF_8).split("\0", -1);
        } catch (IOException e) {
            return args; // as good as it gets
        }
        int end = all.length - 1; // the last argument ends with NUL, too
        return end < args.length ? args : Arrays.copyOfRange(all, end - args.length, end);
    }
}
