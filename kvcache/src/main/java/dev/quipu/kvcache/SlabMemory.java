package dev.quipu.kvcache;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.Random;

/*
 * Memory from Arena.allocate comes from malloc, is cleared (and so resident) at once, and stays with malloc when the
 * arena closes, as long as its blocks are below malloc's growing mmap threshold. A private mapping is resident where it
 * has been written, and closing its arena gives every byte back to the system. Java maps files only, so all slabs map
 * one empty sparse file, which no write ever reaches (copy on write).
 */
/**
 * Where slabs come from: memory that costs nothing until it is written and that the system gets back when its arena is
 * closed.
 */
final class SlabMemory implements AutoCloseable {
    /** Bytes from which a mapping, a few microseconds, is the faster way to zeros. */
    private static final long LARGE = 64L << 10;

    private final FileChannel empty;

    /** @throws UncheckedIOException if there is no temporary folder to put an empty file into */
    SlabMemory() {
        // Files.createTempFile would load the providers of random numbers for secrets, for 15 ms of a first answer.
        String name = "quipu-kv" + Long.toUnsignedString(new Random().nextLong()) + ".empty";
        Path file = Path.of(System.getProperty("java.io.tmpdir"), name);
        try {
            empty = FileChannel.open(file, READ, WRITE, CREATE_NEW, DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new UncheckedIOException("the KV cache needs a writable temporary folder (java.io.tmpdir)", e);
        }
    }

    /** A slab of zeros. */
    MemorySegment map(long bytes, Arena arena) {
        try {
            return empty.map(MapMode.PRIVATE, 0, bytes, arena);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot map " + bytes + " bytes for the KV cache", e);
        }
    }

    /** Room to compute in, of zeros at first: Arena.allocate clears in a loop, which takes long while it is interpreted. */
    SegmentAllocator scratch(Arena arena) {
        return (bytes, alignment) -> bytes < LARGE ? arena.allocate(bytes, alignment) : map(bytes, arena);
    }

    @Override
    public void close() {
        try {
            empty.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
