package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.RowCodec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.BitSet;
import java.util.Objects;

/**
 * The cells of all layers and KV heads of one sequence, and the store in which their pages lie, which it may share with
 * sequences that were forked from it. Heads are numbered {@code layer * kvHeads + kvHead}.
 */
final class KvHeads implements AutoCloseable {
    private final KvLayout layout;
    private final KvStore store;
    private final Compaction compaction;
    private final KvCells[] heads;

    private final PageOrder order;
    private boolean open = true;

    private KvHeads(KvLayout layout, KvStore store) {
        this.layout = layout;
        this.store = store;
        compaction = new Compaction(layout, store);
        order = new PageOrder(store);
        heads = new KvCells[layout.layers() * layout.kvHeads()];
    }

    static KvHeads empty(KvLayout layout, KvPage page) {
        KvHeads result = new KvHeads(layout, new KvStore(page));
        for (int i = 0; i < result.heads.length; i++) {
            result.heads[i] = new KvCells();
        }
        return result;
    }

    /** The same cells for another sequence: pages are shared until one of them writes. */
    KvHeads fork() {
        KvHeads result = new KvHeads(layout, store);
        store.join();
        for (int i = 0; i < heads.length; i++) {
            result.heads[i] = heads[i].share(store);
        }
        return result;
    }

    KvStore store() {
        return store;
    }

    /** How many heads there are, of all layers. */
    int size() {
        return heads.length;
    }

    KvCells of(int head) {
        return heads[head];
    }

    KvCells of(int layer, int kvHead) {
        Objects.checkIndex(layer, layout.layers());
        Objects.checkIndex(kvHead, layout.kvHeads());
        return heads[layer * layout.kvHeads() + kvHead];
    }

    /** Cells of the fullest head. */
    int longest() {
        int longest = 0;
        for (KvCells head : heads) {
            longest = Math.max(longest, head.count());
        }
        return longest;
    }

    /** Cells of all heads. */
    long cells() {
        long count = 0;
        for (KvCells head : heads) {
            count += head.count();
        }
        return count;
    }

    /**
     * Makes room for more tokens.
     *
     * @param everywhere whether older cells will be written to as well
     */
    void reserve(int tokens, boolean everywhere) {
        for (KvCells head : heads) {
            head.own(everywhere ? 0 : head.count(), head.count() + tokens, store);
            head.reserve(head.count() + tokens, store);
        }
    }

    /** The tokens for which there is room now count. */
    void add(int tokens) {
        for (KvCells head : heads) {
            head.add(tokens);
        }
    }

    /** Forgets the cells from this position on. */
    void truncate(int position) {
        for (KvCells head : heads) {
            head.keep(cellsBefore(head, position), store);
        }
    }

    /** Cells of a head whose position is below the given one; positions ascend. */
    private int cellsBefore(KvCells head, int position) {
        int low = 0;
        int high = head.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (position(head, middle) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int position(KvCells head, int cell) {
        int number = head.page(cell);
        return store.memory(number).get(RowCodec.INT, store.position(number, cell % PAGE_CELLS));
    }

    /**
     * The place after the last cell's, in the model's context, of any head.
     *
     * @param place index of the side float that holds it
     */
    int nextPlace(int place) {
        int next = 0;
        for (KvCells head : heads) {
            if (head.count() > 0) {
                int last = head.count() - 1;
                int number = head.page(last);
                long at = store.sideFloat(number, place, last % PAGE_CELLS);
                next = Math.max(next, store.memory(number).get(RowCodec.INT, at) + 1);
            }
        }
        return next;
    }

    /** Which positions every head holds. */
    BitSet everywhere() {
        BitSet common = new BitSet();
        for (int i = 0; i < heads.length; i++) {
            BitSet own = new BitSet();
            for (int cell = 0; cell < heads[i].count(); cell++) {
                own.set(position(heads[i], cell));
            }
            if (i == 0) {
                common = own;
            }
            common.and(own);
        }
        return common;
    }

    /** Makes all pages this sequence's own. */
    void ownAll() {
        for (KvCells head : heads) {
            head.own(0, head.count(), store);
        }
    }

    /** Positions of a head's cells, ascending. */
    int[] positions(int layer, int kvHead) {
        KvCells head = of(layer, kvHead);
        int[] result = new int[head.count()];
        for (int i = 0; i < result.length; i++) {
            result[i] = position(head, i);
        }
        return result;
    }

    /** Hides from attention what the plan does not keep. */
    void hide(EvictionPlan plan) {
        for (int i = 0; i < heads.length; i++) {
            heads[i].hide(plan.evictedCells(i / layout.kvHeads(), i % layout.kvHeads()));
        }
    }

    void hideNothing() {
        for (KvCells head : heads) {
            head.hidden().clear();
        }
    }

    private BitSet of(BitSet[][] cells, int head) {
        return cells[head / layout.kvHeads()][head % layout.kvHeads()];
    }

    /** Removes all cells but those of {@code BitSet[layers][kvHeads]}, and gives their pages back. */
    void compact(BitSet[][] kept, TaskRunner runner) {
        for (int i = 0; i < heads.length; i++) {
            heads[i].own(of(kept, i).nextClearBit(0), heads[i].count(), store);
        }
        int[] counts = new int[heads.length];
        runner.run(heads.length, (index, worker) -> counts[index] = compaction.compact(heads[index], of(kept, index)));
        store.beginShrink();
        for (int i = 0; i < heads.length; i++) {
            heads[i].keep(counts[i], store);
        }
        order.moveTogether(heads);
        store.endShrink();
    }

    /** Bytes of memory that the store has taken, for all sequences that share it. */
    long residentBytes() {
        return store.residentBytes();
    }

    /** Bytes of the pages that this sequence holds, shared or not. */
    long heldBytes() {
        long bytes = 0;
        for (KvCells head : heads) {
            bytes += head.bytes(store.shape());
        }
        return bytes;
    }

    void write(DataOutputStream out) throws IOException {
        CellsFile file = new CellsFile(store);
        for (KvCells head : heads) {
            file.write(head, out);
        }
    }

    /** Into empty heads. */
    void read(DataInputStream in) throws IOException {
        CellsFile file = new CellsFile(store);
        for (KvCells head : heads) {
            file.read(head, in);
        }
    }

    boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            for (KvCells head : heads) {
                head.keep(0, store);
            }
            store.close();
        }
    }
}
