package dev.quipu.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file that gets its name when it is complete. Until then it lies beside its place as {@code NAME.part}, and is deleted if
 * it is closed before. What is no regular file, such as a pipe, is written as it is.
 */
public final class ResultFile extends OutputStream {
    private final Path target;
    private final Path part;
    private final OutputStream out;

    private ResultFile(Path target, Path part) throws IOException {
        this.target = target;
        this.part = part;
        out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 18);
    }

    public static ResultFile create(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new IOException(path + " is a folder, expected a file");
        }
        if (!Files.exists(path)) {
            Path target = path.toAbsolutePath();
            return new ResultFile(target, part(target));
        }
        Path target = path.toRealPath();
        return new ResultFile(target, Files.isRegularFile(target) ? part(target) : target);
    }

    private static Path part(Path target) {
        return target.resolveSibling(target.getFileName() + ".part");
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Gives the file its name. */
    public void complete() throws IOException {
        flush();
        out.close();
        if (!part.equals(target)) {
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Deletes what is not complete. */
    @Override
    public void close() throws IOException {
        try {
            out.close();
        } catch (IOException e) {
            throw failure(e);
        } finally {
            if (!part.equals(target)) {
                Files.deleteIfExists(part);
            }
        }
    }

    private IOException failure(IOException e) {
        return e instanceof FileSystemException
                ? e
                : new IOException("cannot write " + target + ": " + e.getMessage(), e);
    }
}
