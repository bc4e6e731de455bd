package dev.quipu.cli.perplexity;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a {@link LogitsFile}, under another name until it is whole. */
public final class LogitsFileWriter implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final OutputStream out;
    private final PackedRow row;

    /** @param tokens int[windows * window] */
    public LogitsFileWriter(Path target, int window, int vocabulary, int[] tokens) throws IOException {
        this.target = target.toAbsolutePath();
        part = this.target.resolveSibling(this.target.getFileName() + ".part");
        out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 20);
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
        out.close();
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        out.close();
        Files.deleteIfExists(part);
    }
}
