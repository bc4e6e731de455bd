package dev.quipu.bench.limit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * How fast threads read memory that no cache holds: each xors its share of a large buffer, from front to back, eight
 * vectors at a time.
 */
final class ReadBandwidth {
    /** Several times the last-level cache of anything this runs on. */
    private static final long BYTES = 512L << 20;

    private static final VectorSpecies<Long> V = LongVector.SPECIES_PREFERRED;
    private static final long STEP = V.vectorByteSize();
    private static final long PIECE = 1L << 20;

    private final int threads;
    private final MemorySegment buffer;
    private final long[] next;
    private final long[] sums;

    private ReadBandwidth(int threads, MemorySegment buffer) {
        this.threads = threads;
        this.buffer = buffer;
        this.next = new long[threads * 16];
        this.sums = new long[threads * 16];
    }

    /** Bytes per second. */
    static double measure(int threads) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment buffer = arena.allocate(BYTES, 4096).fill((byte) 1);
            ReadBandwidth reads = new ReadBandwidth(threads, buffer);
            return Crew.perSecond(threads, reads::readPiece);
        }
    }

    private long readPiece(int thread) {
        long share = BYTES / threads / PIECE * PIECE;
        long at = next[thread * 16];
        sums[thread * 16] ^= read(buffer, thread * share + at);
        next[thread * 16] = at + PIECE < share ? at + PIECE : 0;
        return PIECE;
    }

    private static long read(MemorySegment buffer, long from) {
        LongVector a = LongVector.zero(V);
        LongVector b = a;
        LongVector c = a;
        LongVector d = a;
        for (long at = from; at < from + PIECE; at += 8 * STEP) {
            a = a.lanewise(VectorOperators.XOR, load(buffer, at));
            b = b.lanewise(VectorOperators.XOR, load(buffer, at + STEP));
            c = c.lanewise(VectorOperators.XOR, load(buffer, at + 2 * STEP));
            d = d.lanewise(VectorOperators.XOR, load(buffer, at + 3 * STEP));
            a = a.lanewise(VectorOperators.XOR, load(buffer, at + 4 * STEP));
            b = b.lanewise(VectorOperators.XOR, load(buffer, at + 5 * STEP));
            c = c.lanewise(VectorOperators.XOR, load(buffer, at + 6 * STEP));
            d = d.lanewise(VectorOperators.XOR, load(buffer, at + 7 * STEP));
        }
        LongVector all = a.lanewise(VectorOperators.XOR, b)
                .lanewise(VectorOperators.XOR, c)
                .lanewise(VectorOperators.XOR, d);
        return all.reduceLanes(VectorOperators.XOR);
    }

    private static LongVector load(MemorySegment buffer, long at) {
        return LongVector.fromMemorySegment(V, buffer, at, ByteOrder.LITTLE_ENDIAN);
    }
}
