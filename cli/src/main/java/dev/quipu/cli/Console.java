package dev.quipu.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a command sees of the outside: results go to {@code out}, everything meant for a person's eyes to {@code err}.
 *
 * @param in standard input, UTF-8 text where it is text
 * @param out buffered: flush what somebody waits for
 * @param environment the environment variables
 * @param terminal which of the streams are a terminal
 */
public record Console(
        InputStream in, PrintStream out, PrintStream err, Map<String, String> environment, Terminal terminal) {

    /** Which standard streams are a terminal. */
    public record Terminal(boolean in, boolean out, boolean err) {
        public static final Terminal NONE = new Terminal(false, false, false);
    }

    /** The process's own streams. Text is UTF-8 everywhere but in the console of Windows, which has its own. */
    static Console system() {
        Charset charset = StandardCharsets.UTF_8;
        if (System.console() != null && System.getProperty("os.name").startsWith("Windows")) {
            charset = System.out.charset();
        }
        PrintStream out = new PrintStream(
                new BufferedOutputStream(new ResultStream(new FileOutputStream(FileDescriptor.out)), 8192),
                false,
                charset);
        PrintStream err = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.err), 1024), true, charset);
        return new Console(System.in, out, err, System.getenv(), TerminalProbe.ofStandardStreams());
    }
}
