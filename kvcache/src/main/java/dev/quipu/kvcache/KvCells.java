package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import java.util.Arrays;
import java.util.BitSet;

/** The cells of one KV head of one layer: how many, and in which pages, in ascending order of their positions. */
final class KvCells {
    private int[] pages = new int[0];
    private int pageCount;
    private int count;
    private int measured;

    /** Cells that attention does not see, though they are held. */
    private BitSet hidden = new BitSet(0);

    /** Cells held, without those of a batch that is not committed. */
    int count() {
        return count;
    }

    /** Cells that attention does not see: none but in experiments. */
    BitSet hidden() {
        return hidden;
    }

    void hide(BitSet cells) {
        hidden = cells;
    }

    /** The same cells in the same pages, for another sequence. */
    KvCells share(KvStore store) {
        KvCells copy = new KvCells();
        copy.pages = pages.clone();
        copy.count = count;
        copy.measured = measured;
        copy.hidden = (BitSet) hidden.clone();
        copy.pageCount = (count + PAGE_CELLS - 1) / PAGE_CELLS;
        for (int i = 0; i < copy.pageCount; i++) {
            store.share(pages[i]);
        }
        return copy;
    }

    /** Makes the pages of cells [from, to), as far as there are pages, this sequence's own, so that it may write to them. */
    void own(int from, int to, KvStore store) {
        int end = Math.min(pageCount, (to + PAGE_CELLS - 1) / PAGE_CELLS);
        for (int i = from / PAGE_CELLS; i < end; i++) {
            pages[i] = store.own(pages[i]);
        }
    }

    /** Pages held. */
    int pages() {
        return pageCount;
    }

    /** Cells whose value norms are known. */
    int measured() {
        return measured;
    }

    void measured(int cells) {
        measured = cells;
    }

    /** Number in the store of the page that holds {@code cell}. */
    int page(int cell) {
        return pages[cell / PAGE_CELLS];
    }

    /** Takes pages until there is room for {@code cells}. */
    void reserve(int cells, KvStore store) {
        int needed = (cells + PAGE_CELLS - 1) / PAGE_CELLS;
        if (needed > pages.length) {
            pages = Arrays.copyOf(pages, Math.max(needed, 2 * pages.length));
        }
        while (pageCount < needed) {
            pages[pageCount] = store.acquire();
            pageCount++;
        }
    }

    /** The last cells of a batch now count. */
    void add(int cells) {
        count += cells;
    }

    /** Forgets all but the first {@code cells} and returns the pages that fall empty. */
    void keep(int cells, KvStore store) {
        count = cells;
        measured = Math.min(measured, cells);
        if (hidden.length() > cells) {
            hidden.clear(cells, hidden.length());
        }
        int needed = (cells + PAGE_CELLS - 1) / PAGE_CELLS;
        while (pageCount > needed) {
            pageCount--;
            store.release(pages[pageCount]);
        }
    }

    /** The page of {@code cell} is another now. */
    void replacePage(int cell, int number) {
        pages[cell / PAGE_CELLS] = number;
    }
}
