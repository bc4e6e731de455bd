package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import java.util.Arrays;

/** The order in which the pages of all heads lie. */
final class PageOrder {
    private final KvStore store;

    /** The pages of all heads: a page's number above, its index below. */
    private long[] pages = new long[0];

    /** Whose they are: the head above, the cell below. */
    private long[] owners = new long[0];

    private int count;

    PageOrder(KvStore store) {
        this.store = store;
    }

    /** Moves all pages to the front, in the order in which they lie, so that the last slabs fall empty. */
    void moveTogether(KvCells[] heads) {
        count = 0;
        for (int i = 0; i < heads.length; i++) {
            for (int cell = 0; cell < heads[i].count(); cell += PAGE_CELLS) {
                add(heads[i].page(cell), i, cell);
            }
        }
        Arrays.sort(pages, 0, count);
        for (int i = 0; i < count; i++) {
            long owner = owners[(int) pages[i]];
            heads[(int) (owner >> 32)].replacePage((int) owner, store.slide((int) (pages[i] >> 32)));
        }
    }

    private void add(int number, int head, int cell) {
        if (count == pages.length) {
            pages = Arrays.copyOf(pages, 2 * count + 64);
            owners = Arrays.copyOf(owners, pages.length);
        }
        pages[count] = (long) number << 32 | count;
        owners[count] = (long) head << 32 | cell;
        count++;
    }
}
