package dev.quipu.cli.perplexity;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * llama.cpp's logits file, for reading: {@code _logits_}, int32 window, int32 vocabulary, int32 windows,
 * int32[windows][window] tokens, then a {@link PackedRow} for each scored position. Little-endian.
 */
public final class LogitsFile implements AutoCloseable {
    static final byte[] MAGIC = "_logits_".getBytes(StandardCharsets.US_ASCII);

    private final Path path;
    private final DataInputStream in;
    private final int window;
    private final int vocabulary;
    private final int windows;
    private final int[] tokens;

    private LogitsFile(Path path, DataInputStream in) throws IOException {
        this.path = path;
        this.in = in;
        if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
            throw new IOException(path + " is no logits file: it does not begin with _logits_");
        }
        window = positive("window");
        vocabulary = positive("vocabulary");
        windows = positive("number of windows");
        long scored = (long) windows * scored(window);
        long expected = MAGIC.length
                + 3L * Integer.BYTES
                + (long) windows * window * Integer.BYTES
                + Math.multiplyExact(scored, PackedRow.bytes(vocabulary));
        if (Files.size(path) < expected) {
            throw new IOException(path + " has " + Files.size(path) + " bytes, expected " + expected + " for " + windows
                    + " windows of " + window + " tokens");
        }
        tokens = new int[Math.multiplyExact(windows, window)];
        byte[] bytes = in.readNBytes(Math.multiplyExact(tokens.length, Integer.BYTES));
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(tokens);
        for (int token : tokens) {
            if (token < 0 || token >= vocabulary) {
                throw new IOException(path + " holds token " + token + ", expected less than " + vocabulary);
            }
        }
    }

    public static LogitsFile open(Path path) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 20));
        try {
            return new LogitsFile(path, in);
        } catch (EOFException e) {
            in.close();
            throw new IOException(path + " is cut off", e);
        } catch (ArithmeticException e) {
            in.close();
            throw new IOException(path + " is no logits file: its sizes are absurd", e);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** How many positions of a window are scored: its second half but for the last. */
    static int scored(int window) {
        return window - 1 - window / 2;
    }

    private int positive(String name) throws IOException {
        int value = Integer.reverseBytes(in.readInt());
        if (value < 1 || value > 1 << 28) {
            throw new IOException(path + " is no logits file: its " + name + " is " + value);
        }
        return value;
    }

    public int window() {
        return window;
    }

    public int vocabulary() {
        return vocabulary;
    }

    public int windows() {
        return windows;
    }

    /** int[windows * window] */
    public int[] tokens() {
        return tokens;
    }

    /** Reads the row of the next scored position. */
    void read(PackedRow row) throws IOException {
        in.readFully(row.array());
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
