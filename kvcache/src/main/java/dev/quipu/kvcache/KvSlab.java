package dev.quipu.kvcache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** One mapping of native memory, cut into pages. */
final class KvSlab implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final BitSet taken;
    private final int pages;

    /** Sequences that hold a page beyond the first. */
    private final int[] sharers;

    private int used;
    final MemorySegment memory;

    KvSlab(SlabMemory source, int pages) {
        this.pages = pages;
        taken = new BitSet(pages);
        sharers = new int[pages];
        try {
            memory = source.map(arena);
        } catch (RuntimeException | OutOfMemoryError e) {
            arena.close();
            throw e;
        }
    }

    /** Pages in use. */
    int used() {
        return used;
    }

    boolean isFull() {
        return used == pages;
    }

    /** Takes the first free page. */
    int take() {
        int page = taken.nextClearBit(0);
        taken.set(page);
        used++;
        return page;
    }

    /** One more sequence holds the page. */
    void share(int page) {
        requireTaken(page);
        sharers[page]++;
    }

    boolean isShared(int page) {
        return sharers[page] > 0;
    }

    /** One sequence fewer holds the page. */
    void giveBack(int page) {
        requireTaken(page);
        if (sharers[page] > 0) {
            sharers[page]--;
        } else {
            taken.clear(page);
            used--;
        }
    }

    private void requireTaken(int page) {
        if (!taken.get(page)) {
            throw new IllegalStateException("page " + page + " is not in use");
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
