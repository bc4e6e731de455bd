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
        copy.pageCount = pages(count);
        for (int i = 0; i < copy.pageCount; i++) {
            store.share(pages[i]);
        }
        return copy;
    }

    /** Makes the pages of cells [from, to), as far as there are pages, this sequence's own, so that it may write to them. */
    void own(int from, int to, KvStore store) {
        int end = store.isShared() ? Math.min(pageCount, pages(to)) : 0;
        for (int i = from / PAGE_CELLS; i < end; i++) {
            pages[i] = store.own(pages[i]);
        }
    }

    private static int pages(int cells) {
        return (cells + PAGE_CELLS - 1) / PAGE_CELLS;
    }

    /** Bytes of the pages held. */
    long bytes(KvPage shape) {
        return pageCount == 0
                ? 0
                : (pageCount - 1) * shape.bytes(KvPage.TILES) + shape.bytes(KvStore.tiles(pages[pageCount - 1]));
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

    /** Takes tiles until there is room for {@code cells}. */
    void reserve(int cells, KvStore store) {
        int needed = pages(cells);
        if (needed > pages.length) {
            pages = Arrays.copyOf(pages, Math.max(needed, 2 * pages.length));
        }
        if (pageCount > 0 && tiles(pageCount - 1, cells) > KvStore.tiles(pages[pageCount - 1])) {
            resizeLast(cells, store);
        }
        while (pageCount < needed) {
            pages[pageCount] = store.acquire(tiles(pageCount, cells));
            pageCount++;
        }
    }

    /** Tiles that a page needs if the head holds so many cells. */
    private static int tiles(int page, int cells) {
        return KvPage.tiles(Math.clamp(cells - page * PAGE_CELLS, 0, PAGE_CELLS));
    }

    private void resizeLast(int cells, KvStore store) {
        pages[pageCount - 1] = store.resize(pages[pageCount - 1], tiles(pageCount - 1, cells));
    }

    /** The last cells of a batch now count. */
    void add(int cells) {
        count += cells;
    }

    /** Forgets all but the first {@code cells} and returns the tiles that fall empty. */
    void keep(int cells, KvStore store) {
        count = cells;
        measured = Math.min(measured, cells);
        if (hidden.length() > cells) {
            hidden.clear(cells, hidden.length());
        }
        while (pageCount > pages(cells)) {
            pageCount--;
            store.release(pages[pageCount]);
        }
        if (pageCount > 0) {
            int last = pages[pageCount - 1];
            if (tiles(pageCount - 1, cells) < KvStore.tiles(last) && !store.isShared(last)) {
                resizeLast(cells, store);
            }
        }
    }

    /** The page of {@code cell} is another now. */
    void replacePage(int cell, int number) {
        pages[cell / PAGE_CELLS] = number;
    }
}
