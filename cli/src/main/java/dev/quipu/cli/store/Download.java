package dev.quipu.cli.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Fetches one file. What has arrived stays in {@code FILE.part}, with the server's name for this version of it (ETag) in
 * {@code FILE.part.etag}, so that an interrupted download goes on where it was: by Range and If-Range, with which a
 * server sends the rest of the same version or else the whole of the new one.
 */
final class Download {
    private static final int ATTEMPTS = 5;
    private static final long STALL_MILLIS = 30_000;
    private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

    private final WebClient web;
    private final Progress progress;

    Download(WebClient web, Progress progress) {
        this.web = web;
        this.progress = progress;
    }

    /** Thrown when the connection breaks: worth another attempt, unlike a refusal. */
    private static final class Broken extends IOException {
        private static final long serialVersionUID = 1;

        Broken(String message, IOException cause) {
            super(message, cause);
        }
    }

    /**
     * @param sha256 what the file must hash to, or empty to take the server's word for it, if it gives one
     */
    void fetch(URI address, Path target, String sha256) throws IOException {
        Path part = beside(target, ".part");
        for (int attempt = 1; ; attempt++) {
            try {
                String expected = receive(address, target, part, sha256);
                verify(part, expected, target);
                Moves.replace(part, target);
                Files.deleteIfExists(beside(target, ".part.etag"));
                return;
            } catch (Broken e) {
                if (attempt == ATTEMPTS) {
                    throw new IOException(e.getMessage() + "; what has arrived is kept, pull again to go on", e);
                }
                web.pause(attempt);
            }
        }
    }

    /** Returns the expected hash, empty if nobody knows it. */
    private String receive(URI address, Path target, Path part, String sha256) throws IOException {
        Path etagFile = beside(target, ".part.etag");
        long have = Files.exists(part) ? Files.size(part) : 0;
        Map<String, String> headers = new LinkedHashMap<>();
        if (have > 0 && Files.exists(etagFile)) {
            headers.put("Range", "bytes=" + have + "-");
            headers.put("If-Range", Files.readString(etagFile));
        } else {
            have = 0;
        }
        try (WebClient.Answer answer = web.get(address, headers)) {
            String expected = sha256.isEmpty() ? serverHash(answer) : sha256;
            if (answer.status() == 416 && have > 0) {
                if (answer.header("Content-Range")
                        .filter(("bytes */" + have)::equals)
                        .isPresent()) {
                    return expected; // all of it had arrived
                }
                Files.delete(part);
                throw new Broken(address + " is shorter than what had arrived of it", new IOException("416"));
            }
            boolean rest = answer.status() == 206
                    && answer.header("Content-Range")
                            .filter(range -> range.startsWith("bytes "
                                    + headers.getOrDefault("Range", "bytes=").substring(6)))
                            .isPresent();
            if (answer.status() != 200 && !rest) {
                throw new IOException(refusal(address, answer.status()));
            }
            long already = rest ? have : 0;
            long coming = answer.header("Content-Length").map(Long::parseLong).orElse(-1L);
            needSpace(target, coming);
            Optional<String> etag = answer.header("ETag").filter(tag -> !tag.startsWith("W/"));
            if (etag.isPresent()) {
                Files.writeString(etagFile, etag.get());
            } else {
                Files.deleteIfExists(etagFile);
            }
            progress.begin(target.getFileName().toString(), coming < 0 ? -1 : already + coming, already);
            try {
                copy(answer.body(), part, rest, coming);
            } finally {
                progress.end();
            }
            return expected;
        }
    }

    private void copy(InputStream body, Path part, boolean append, long coming) throws IOException {
        AtomicLong lastNanos = new AtomicLong(System.nanoTime());
        Timer stall = new Timer("stall", true);
        stall.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        if (System.nanoTime() - lastNanos.get() > STALL_MILLIS * 1_000_000) {
                            try {
                                body.close();
                            } catch (IOException e) {
                                cancel(); // it is closed then
                            }
                        }
                    }
                },
                1000,
                1000);
        StandardOpenOption mode = append ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
        long received = 0;
        try (OutputStream out =
                Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, mode)) {
            byte[] buffer = new byte[1 << 16];
            while (true) {
                int n = read(body, buffer);
                if (n < 0) {
                    break;
                }
                lastNanos.set(System.nanoTime());
                write(out, buffer, n, part);
                progress.advance(n);
                received += n;
            }
        } finally {
            stall.cancel();
        }
        if (coming >= 0 && received < coming) {
            throw new Broken("the connection ended early", new IOException(received + " of " + coming + " bytes"));
        }
    }

    private static void write(OutputStream out, byte[] buffer, int count, Path part) throws IOException {
        try {
            out.write(buffer, 0, count);
        } catch (IOException e) {
            throw new IOException("cannot write " + part + " (" + e.getMessage() + "); what has arrived is kept", e);
        }
    }

    private static int read(InputStream body, byte[] buffer) throws Broken {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new Broken("the connection broke (" + e.getMessage() + ")", e);
        }
    }

    private static void verify(Path part, String expected, Path target) throws IOException {
        if (!isGguf(part)) {
            Files.delete(part);
            throw new IOException(
                    "what was downloaded as " + target.getFileName() + " is no GGUF file; it was deleted");
        }
        if (expected.isEmpty()) {
            return;
        }
        String found = Sha256.of(part);
        if (!found.equals(expected)) {
            Files.delete(part);
            throw new IOException("what was downloaded as " + target.getFileName() + " has the sha256 " + found
                    + " but should have " + expected + "; it was deleted");
        }
    }

    /** A page that says something else, for one, comes with the status of success, too. */
    private static boolean isGguf(Path part) throws IOException {
        try (InputStream in = Files.newInputStream(part)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        }
    }

    private static String serverHash(WebClient.Answer answer) {
        String etag = answer.linkedEtag().or(() -> answer.header("ETag")).orElse("");
        String bare = etag.replace("\"", "");
        return Sha256.isOne(bare) ? bare : "";
    }

    static void needSpace(Path target, long bytes) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || bytes < 0) {
            return;
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        if (bytes > free) {
            throw new IOException("not enough space in " + folder + ": " + Bytes.text(bytes) + " needed, "
                    + Bytes.text(free) + " free (QUIPU_MODELS names another folder)");
        }
    }

    static String refusal(URI address, int status) {
        return switch (status) {
            case 401, 403 ->
                address + " needs permission (HTTP " + status
                        + "): set HF_TOKEN to a token that may read it, or it does" + " not exist";
            case 404 -> address + " does not exist (HTTP 404)";
            default -> address + " answered HTTP " + status;
        };
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
