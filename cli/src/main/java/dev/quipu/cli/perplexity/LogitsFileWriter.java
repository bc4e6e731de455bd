package dev.quipu.cli.perplexity;

import dev.quipu.cli.ResultFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** Writes a {@link LogitsFile}, under another name until it is whole. */
public final class LogitsFileWriter implements AutoCloseable {
    private final ResultFile out;
    private final PackedRow row;

    /** @param tokens int[windows * window] */
    public LogitsFileWriter(Path target, int window, int vocabulary, int[] tokens) throws IOException {
        out = ResultFile.create(target);
        row = new PackedRow(vocabulary);
        ByteBuffer head =
                ByteBuffer.allocate((3 + tokens.length) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(window).putInt(vocabulary).putInt(tokens.length / window);
        head.asIntBuffer().put(tokens);
        out.write(LogitsFile.MAGIC);
        out.write(head.array());
    }

    /** The logits of the next scored position. */
    public void write(float[] logits) throws IOException {
        row.pack(logits);
        out.write(row.array());
    }

    /** Gives the file its name. */
    public void finish() throws IOException {
        out.complete();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
