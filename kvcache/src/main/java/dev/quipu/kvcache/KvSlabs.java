package dev.quipu.kvcache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Slabs of native memory, mapped as units of it are asked for and unmapped as they fall empty. They are small where little is
 * held, so that what is unused of the last ones does not matter. A unit is known by its place: its slab's number above, its
 * own below.
 */
final class KvSlabs implements AutoCloseable {
    /** Low bits of a place: the unit in its slab. */
    static final int UNIT_BITS = 12;

    private static final long LEAST_BYTES = 128L << 10;
    private static final long MOST_BYTES = 2L << 20;

    /** A new slab has this part of what is mapped already. */
    private static final int SHARE = 32;

    /** Empty slabs that stay mapped for what comes next, unless much is given back: a sequence that begins anew maps nothing. */
    private static final long SPARE_BYTES = 4L << 20;

    private final long unitBytes;

    /** Units of a slab are a multiple of this. */
    private final int together;

    private final SlabMemory source = new SlabMemory();
    private final List<@Nullable KvSlab> slabs = new ArrayList<>();
    private long mapped;
    private long spare;
    private int firstWithRoom;
    private boolean shrinking;

    /** @param together most units that are taken at a time */
    KvSlabs(long unitBytes, int together) {
        this.unitBytes = unitBytes;
        this.together = together;
    }

    /** Other memory, that lives as long as the arena. */
    SegmentAllocator scratch(Arena arena) {
        return source.scratch(arena);
    }

    /** The slab of a place. */
    KvSlab of(int place) {
        return slab(place >> UNIT_BITS);
    }

    private KvSlab slab(int number) {
        KvSlab slab = slabs.get(number);
        if (slab == null) {
            throw new IllegalStateException("slab " + number + " is not mapped");
        }
        return slab;
    }

    /** The unit of a place in its slab. */
    static int unit(int place) {
        return place & (1 << UNIT_BITS) - 1;
    }

    /** Takes neighbouring units; their content is undefined. */
    int take(int units) {
        int place = find(units);
        if (place >= 0) {
            return place;
        }
        KvSlab slab = new KvSlab(source, unitsOfNext(), unitBytes);
        mapped += slab.bytes();
        spare += slab.bytes();
        int number = slabs.indexOf(null);
        if (number < 0) {
            number = slabs.size();
            slabs.add(slab);
        } else {
            slabs.set(number, slab);
        }
        firstWithRoom = Math.min(firstWithRoom, number);
        return number << UNIT_BITS | take(slab, units);
    }

    private int take(KvSlab slab, int units) {
        boolean empty = slab.used() == 0;
        int unit = slab.take(units);
        if (empty && unit >= 0) {
            spare -= slab.bytes();
        }
        return unit;
    }

    private int unitsOfNext() {
        long units = Math.clamp(mapped / SHARE, LEAST_BYTES, MOST_BYTES) / unitBytes;
        return Math.clamp(units / together * together, 2 * together, 1 << UNIT_BITS);
    }

    /** Takes the first free neighbours in what is mapped, or returns a negative number. */
    private int find(int units) {
        boolean full = true;
        for (int number = firstWithRoom; number < slabs.size(); number++) {
            KvSlab slab = slabs.get(number);
            if (slab != null) {
                int unit = take(slab, units);
                if (unit >= 0) {
                    return number << UNIT_BITS | unit;
                }
                full = full && slab.isFull();
                firstWithRoom = full ? number + 1 : firstWithRoom;
            }
        }
        return -1;
    }

    /** One owner fewer of neighbouring units. */
    void giveBack(int place, int units) {
        free(place, units);
        if (!shrinking && spare > SPARE_BYTES) {
            unmapIfEmpty(place >> UNIT_BITS);
        }
    }

    private void free(int place, int units) {
        KvSlab slab = of(place);
        slab.giveBack(unit(place), units);
        if (slab.used() == 0) {
            spare += slab.bytes();
        }
        firstWithRoom = Math.min(firstWithRoom, place >> UNIT_BITS);
    }

    private void unmapIfEmpty(int number) {
        KvSlab slab = slabs.get(number);
        if (slab != null && slab.used() == 0) {
            slab.close();
            slabs.set(number, null);
            mapped -= slab.bytes();
            spare -= slab.bytes();
        }
    }

    /** Much will be given back: slabs stay until the end, the first and smallest of them for what {@link #slide} moves. */
    void beginShrink() {
        shrinking = true;
    }

    /** Ends what {@link #beginShrink} began. */
    void endShrink() {
        shrinking = false;
        for (int number = 0; number < slabs.size(); number++) {
            unmapIfEmpty(number);
        }
    }

    /** Moves neighbouring units that have one owner to the first place where they fit, and returns it. */
    int slide(int place, int units) {
        free(place, units);
        int target = find(units);
        if (target != place) {
            MemorySegment memory = of(place).memory;
            long bytes = units * unitBytes;
            MemorySegment.copy(memory, unit(place) * unitBytes, of(target).memory, unit(target) * unitBytes, bytes);
        }
        return target;
    }

    /** Bytes of the slabs that are mapped. */
    long bytes() {
        return mapped;
    }

    @Override
    public void close() {
        for (KvSlab slab : slabs) {
            if (slab != null) {
                slab.close();
            }
        }
        source.close();
    }
}
