package dev.quipu.kvcache;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a cache: pages of one size, taken from slabs of native memory. A page is known by its number. Slabs are
 * mapped as pages are asked for, and unmapped as they fall empty. Pages are taken and returned by one thread at a time,
 * and read and written by any. Several sequences may hold a page; who wants to write to it takes a copy before.
 */
final class KvStore implements AutoCloseable {
    private static final long SLAB_BYTES = 2L << 20;
    private static final int MIN_PAGES = 8;

    private final long pageBytes;
    private final int pagesPerSlab;
    private final SlabMemory source;
    private final List<@Nullable KvSlab> slabs = new ArrayList<>();
    private final BitSet sparse = new BitSet();
    private int mapped;
    private int firstWithRoom;
    private int sequences = 1;

    KvStore(long pageBytes) {
        this.pageBytes = pageBytes;
        pagesPerSlab = Math.toIntExact(Math.max(MIN_PAGES, SLAB_BYTES / pageBytes));
        source = new SlabMemory(slabBytes());
    }

    /** The memory that holds a page, from {@link #offset}. */
    MemorySegment memory(int page) {
        return slab(page).memory;
    }

    /** Byte offset of a page in its {@link #memory}. */
    long offset(int page) {
        return page % pagesPerSlab * pageBytes;
    }

    /** Takes a page; its content is undefined. */
    int acquire() {
        requireOpen();
        for (; firstWithRoom < slabs.size(); firstWithRoom++) {
            KvSlab slab = slabs.get(firstWithRoom);
            if (slab != null && !slab.isFull() && !sparse.get(firstWithRoom)) {
                return firstWithRoom * pagesPerSlab + slab.take();
            }
        }
        KvSlab slab = new KvSlab(source, pagesPerSlab);
        mapped++;
        firstWithRoom = slabs.indexOf(null);
        if (firstWithRoom < 0) {
            firstWithRoom = slabs.size();
            slabs.add(slab);
        } else {
            slabs.set(firstWithRoom, slab);
        }
        return firstWithRoom * pagesPerSlab + slab.take();
    }

    /** One more sequence holds the page. */
    void share(int page) {
        slab(page).share(page % pagesPerSlab);
    }

    /** Whether more than one sequence holds the page. */
    boolean isShared(int page) {
        return slab(page).isShared(page % pagesPerSlab);
    }

    /** The page itself, or, where others hold it too, a copy that takes its place for one of them. */
    int own(int page) {
        return isShared(page) ? move(page) : page;
    }

    private int move(int page) {
        int target = acquire();
        MemorySegment.copy(memory(page), offset(page), memory(target), offset(target), pageBytes);
        release(page);
        return target;
    }

    /** One more sequence uses the store. */
    void join() {
        requireOpen();
        sequences++;
    }

    /** One sequence fewer holds the page. */
    void release(int page) {
        int index = page / pagesPerSlab;
        KvSlab slab = slab(page);
        slab.giveBack(page % pagesPerSlab);
        if (slab.used() == 0) {
            slab.close();
            slabs.set(index, null);
            mapped--;
        }
        firstWithRoom = Math.min(firstWithRoom, index);
    }

    /**
     * The page to which the content of {@code page} should move so that its slab falls empty, or the page itself: pages
     * move from sparse slabs to free places in fuller ones. Call {@link #beginShrink} before.
     */
    int shrink(int page) {
        return sparse.get(page / pagesPerSlab) && !isShared(page) ? move(page) : page;
    }

    /** Chooses the slabs to empty: all but the fullest that have room for every page in use. */
    void beginShrink() {
        requireOpen();
        long[] order = new long[slabs.size()];
        int used = 0;
        for (int i = 0; i < order.length; i++) {
            KvSlab slab = slabs.get(i);
            int pages = slab == null ? 0 : slab.used();
            order[i] = (long) pages << 32 | i;
            used += pages;
        }
        Arrays.sort(order);
        int kept = (used + pagesPerSlab - 1) / pagesPerSlab;
        sparse.clear();
        for (int i = 0; i < order.length - kept; i++) {
            sparse.set((int) order[i]);
        }
        firstWithRoom = 0;
    }

    /** Ends what {@link #beginShrink} began. */
    void endShrink() {
        sparse.clear();
        firstWithRoom = 0;
    }

    /** Bytes of the slabs that are mapped. */
    long residentBytes() {
        return mapped * slabBytes();
    }

    private void requireOpen() {
        if (sequences == 0) {
            throw new IllegalStateException("the KV cache is closed");
        }
    }

    private KvSlab slab(int page) {
        requireOpen();
        KvSlab slab = slabs.get(page / pagesPerSlab);
        if (slab == null) {
            throw new IllegalStateException("page " + page + " is not in use");
        }
        return slab;
    }

    private long slabBytes() {
        return pagesPerSlab * pageBytes;
    }

    /** One sequence fewer uses the store; the last one gives all memory back. */
    @Override
    public void close() {
        sequences--;
        if (sequences > 0) {
            return;
        }
        for (KvSlab slab : slabs) {
            if (slab != null) {
                slab.close();
            }
        }
        source.close();
    }
}
