package dev.quipu.kvcache;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * The file of a saved cache, big-endian: magic, version, model, shape (each an int length and UTF-8), tokens (count and
 * ints), the cache's own content, and the CRC-32C of all that as a long. A file appears under its name only when it is
 * complete; it is read only after its checksum was found right.
 */
final class KvSnapshot {
    private static final long MAGIC = 0x5155_4950_554b_5653L; // QUIPUKVS
    private static final int VERSION = 5;

    private KvSnapshot() {}

    /** Writes the cache's content. */
    @FunctionalInterface
    interface Writer {
        void write(DataOutputStream out) throws IOException;
    }

    static void save(Path file, String model, String shape, int[] tokens, Writer content) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new KvSnapshotException(file, "not a file name");
        }
        Path temporary = Files.createTempFile(folder, target.getFileName() + ".", ".part");
        try {
            try {
                write(temporary, model, shape, tokens, content);
            } catch (IOException e) {
                throw new IOException("cannot save the KV cache to %s: %s".formatted(file, e.getMessage()), e);
            }
            move(temporary, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void write(Path file, String model, String shape, int[] tokens, Writer content) throws IOException {
        CRC32C sum = new CRC32C();
        try (DataOutputStream out = new DataOutputStream(
                new CheckedOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16), sum))) {
            out.writeLong(MAGIC);
            out.writeInt(VERSION);
            writeText(out, model);
            writeText(out, shape);
            out.writeInt(tokens.length);
            for (int token : tokens) {
                out.writeInt(token);
            }
            content.write(out);
            out.writeLong(sum.getValue());
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Reads everything once and compares the checksum; then the caller reads tokens and content from what is returned. */
    static DataInputStream open(Path file, String model, String shape) throws IOException {
        verify(file);
        DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        try {
            in.readLong();
            in.readInt();
            require(file, "model", readText(in), model);
            require(file, "cache", readText(in), shape);
            return in;
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    static int[] readTokens(DataInputStream in) throws IOException {
        int[] tokens = new int[in.readInt()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = in.readInt();
        }
        return tokens;
    }

    private static void verify(Path file) throws IOException {
        long content = Files.size(file) - Long.BYTES;
        CRC32C sum = new CRC32C();
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                DataInputStream in = new DataInputStream(new CheckedInputStream(bytes, sum))) {
            if (content < Long.BYTES + Integer.BYTES || in.readLong() != MAGIC) {
                throw new KvSnapshotException(file, "not a saved KV cache, or cut short");
            }
            int version = in.readInt();
            if (version != VERSION) {
                throw new KvSnapshotException(file, "saved KV cache of version " + version + ", not " + VERSION);
            }
            in.skipNBytes(content - Long.BYTES - Integer.BYTES);
            long computed = sum.getValue();
            if (in.readLong() != computed) {
                throw new KvSnapshotException(file, "checksum is wrong: the saved KV cache is damaged or cut short");
            }
        }
    }

    private static void require(Path file, String what, String found, String wanted) throws KvSnapshotException {
        if (!found.equals(wanted)) {
            throw new KvSnapshotException(file, "saved by another %s: %s, not %s".formatted(what, found, wanted));
        }
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
