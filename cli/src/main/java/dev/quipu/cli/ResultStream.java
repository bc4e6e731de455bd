package dev.quipu.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** Standard output that does not hide failures: a {@code PrintStream} over it throws when a result cannot be written. */
final class ResultStream extends OutputStream {
    /** The reader of the results has gone, as {@code head} does: nothing went wrong, there is nothing left to do. */
    static final class ReaderGone extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final OutputStream out;

    ResultStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static RuntimeException failure(IOException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("pipe")
                ? new ReaderGone()
                : new UncheckedIOException(new IOException("cannot write to standard output: " + e.getMessage(), e));
    }
}
