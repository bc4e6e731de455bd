package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.OVERREAD_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** One mapping of native memory, cut into units of one size; a page takes one to four neighbouring ones. */
final class KvSlab implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final BitSet taken;
    private final int units;
    private final long unitBytes;

    /** Of a page's first unit: sequences that hold the page beyond the first. */
    private final int[] sharers;

    private int used;
    final MemorySegment memory;

    KvSlab(SlabMemory source, int units, long unitBytes) {
        this.units = units;
        this.unitBytes = unitBytes;
        taken = new BitSet(units);
        sharers = new int[units];
        try {
            // A kernel may read past the last row of the last page.
            memory = source.map(units * unitBytes + OVERREAD_BYTES, arena);
        } catch (RuntimeException | OutOfMemoryError e) {
            arena.close();
            throw e;
        }
    }

    long bytes() {
        return units * unitBytes;
    }

    /** Units in use. */
    int used() {
        return used;
    }

    boolean isFull() {
        return used == units;
    }

    /** Takes the first free neighbours; returns the first unit, or a negative number where there are none. */
    int take(int count) {
        if (units - used < count) {
            return -1;
        }
        int unit = taken.nextClearBit(0);
        while (unit + count <= units) {
            int end = taken.nextSetBit(unit);
            if (end < 0 || end >= unit + count) {
                taken.set(unit, unit + count);
                used += count;
                return unit;
            }
            unit = taken.nextClearBit(end);
        }
        return -1;
    }

    /** One more sequence holds the page. */
    void share(int unit) {
        requireTaken(unit);
        sharers[unit]++;
    }

    boolean isShared(int unit) {
        return sharers[unit] > 0;
    }

    /** One sequence fewer holds the page of {@code count} units. */
    void giveBack(int unit, int count) {
        requireTaken(unit);
        if (sharers[unit] > 0) {
            sharers[unit]--;
        } else {
            taken.clear(unit, unit + count);
            used -= count;
        }
    }

    private void requireTaken(int unit) {
        if (!taken.get(unit)) {
            throw new IllegalStateException("unit " + unit + " is not in use");
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
