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
    private record Part(MemorySegment bytes, GgufReader.Head head) {}

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
            List<Part> parts = new ArrayList<>();
            Part named = map(path, 0, arena);
            SplitSet set = SplitSet.of(path, named.head().metadata());
            for (int i = 0; i < set.count(); i++) {
                Part part = set.count() == 1 ? named : map(set.part(i), i, arena);
                set.check(i, part.head().metadata());
                parts.add(part);
            }
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            for (Part part : parts) {
                for (TensorInfo tensor : part.head().tensors()) {
                    if (tensors.putIfAbsent(tensor.name(), tensor) != null) {
                        throw new GgufFormatException(
                                "tensor '" + tensor.name() + "' occurs in two parts of the split set", 0);
                    }
                }
            }
            set.checkTensors(tensors.size());
            return new GgufFile(path, arena, List.copyOf(parts), Collections.unmodifiableMap(tensors));
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
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
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            GgufReader.Head head = GgufReader.read(bytes, number);
            TensorExtents.check(head, bytes.byteSize());
            return new Part(bytes, head);
        } catch (UncheckedIOException | InternalError e) {
            // A file that shrinks, or a disk that fails, under the mapping.
            throw new IOException("cannot read " + path + ": " + e.getMessage(), e);
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
    public void close() {
        if (isOpen()) {
            arena.close();
        }
    }
}
