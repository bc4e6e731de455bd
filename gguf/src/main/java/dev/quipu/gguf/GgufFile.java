package dev.quipu.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An open GGUF file, or set of split files: its metadata, and its tensors where they lie in memory-mapped files. Safe for
 * use by several threads. Closing unmaps; from then on {@link #data} and every view it gave throw IllegalStateException.
 */
public final class GgufFile implements AutoCloseable {
    private final Path path;
    private final Arena arena;
    private final List<Part> parts;
    private final Map<String, TensorInfo> tensors;

    /** One mapped file. */
    private record Part(Path path, int number, MemorySegment bytes, GgufReader.Head head) {
        static Part read(Path path, int number, MemorySegment bytes) throws GgufFormatException {
            return new Part(path, number, bytes, GgufReader.read(bytes, number));
        }

        Part as(int number) throws GgufFormatException {
            return number == this.number ? this : read(path, number, bytes);
        }
    }

    private GgufFile(Path path, Arena arena, List<Part> parts, Map<String, TensorInfo> tensors) {
        this.path = path;
        this.arena = arena;
        this.parts = parts;
        this.tensors = tensors;
    }

    /**
     * Opens a file, and the rest of its set where it is split. Any part may be named.
     *
     * @throws GgufFormatException if a file is broken, of another format, or not part of one consistent set
     * @throws IOException if a file is missing or cannot be read
     */
    public static GgufFile open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            List<Part> parts = parts(path, arena);
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            for (Part part : parts) {
                addTensors(part, tensors);
            }
            return new GgufFile(path, arena, parts, Collections.unmodifiableMap(tensors));
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** Maps the parts of the set that a file belongs to. */
    private static List<Part> parts(Path path, Arena arena) throws IOException {
        Path current = path;
        try {
            Part named = map(path, 0, arena);
            SplitSet set = SplitSet.of(path, named.head());
            List<Part> parts = new ArrayList<>();
            long tensors = 0;
            for (int i = 0; i < set.count(); i++) {
                current = set.part(i);
                Part part = i == set.number() ? named.as(i) : map(current, i, arena);
                set.check(i, part.head());
                tensors += part.head().tensors().size();
                parts.add(part);
            }
            for (Part part : parts) {
                current = part.path();
                set.checkTensors(part.head(), tensors);
            }
            return List.copyOf(parts);
        } catch (GgufFormatException e) {
            throw e.in(current);
        }
    }

    private static Part map(Path path, int number, Arena arena) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + " is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return Part.read(path, number, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (UncheckedIOException | InternalError e) {
            // A file that shrinks, or a disk that fails, under the mapping.
            throw new IOException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    private static void addTensors(Part part, Map<String, TensorInfo> tensors) throws GgufFormatException {
        GgufReader.Head head = part.head();
        for (int i = 0; i < head.tensors().size(); i++) {
            TensorInfo tensor = head.tensors().get(i);
            if (tensors.putIfAbsent(tensor.name(), tensor) != null) {
                throw new GgufFormatException(
                                "tensor " + GgufFormatException.quoted(tensor.name())
                                        + " is in an earlier part of the split set too",
                                head.infoOffsets().get(i))
                        .in(part.path());
            }
        }
    }

    /** Version of the format: 2 or 3. */
    public int version() {
        return first().version();
    }

    /** The path that was opened. */
    public Path path() {
        return path;
    }

    /** Bytes of all files of the set. */
    public long fileBytes() {
        return parts.stream().mapToLong(part -> part.bytes().byteSize()).sum();
    }

    /** Tensor data begin at multiples of this. */
    public long alignment() {
        return first().alignment();
    }

    /** The metadata of the (first) file. */
    public Metadata metadata() {
        return first().metadata();
    }

    private GgufReader.Head first() {
        return parts.getFirst().head();
    }

    /** All tensors, in file order. */
    public List<TensorInfo> tensors() {
        return List.copyOf(tensors.values());
    }

    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * The data of a tensor of this file: a read-only view of the mapping, exactly {@link TensorInfo#bytes} long.
     *
     * @throws IllegalStateException if the file is closed
     */
    public MemorySegment data(TensorInfo tensor) {
        if (!isOpen()) {
            throw new IllegalStateException(path + " is closed");
        }
        if (!tensor.equals(tensors.get(tensor.name()))) {
            throw new IllegalArgumentException(tensor.name() + " is not a tensor of " + path);
        }
        Part part = parts.get(tensor.part());
        return part.bytes().asSlice(part.head().dataOffset() + tensor.offset(), tensor.bytes());
    }

    public boolean isOpen() {
        return arena.scope().isAlive();
    }

    /** Unmaps. Closing twice does nothing. */
    @Override
    public synchronized void close() {
        if (isOpen()) {
            arena.close();
        }
    }
}
