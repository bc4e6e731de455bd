package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.RowCodec;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** Moves the cells of one head that stay to its front, in their order, with all that is kept beside them. */
final class Compaction {
    private final KvLayout layout;
    private final KvStore store;
    private final RowCodec keys;
    private final RowCodec values;

    Compaction(KvLayout layout, KvStore store) {
        this.layout = layout;
        this.store = store;
        keys = layout.keys().codec();
        values = layout.values().codec();
    }

    /** Returns the number of cells that stay; the caller lets the others go with {@link KvCells#keep}. */
    int compact(KvCells cells, BitSet kept) {
        int target = 0;
        int measured = 0;
        for (int cell = kept.nextSetBit(0); cell >= 0 && cell < cells.count(); cell = kept.nextSetBit(cell + 1)) {
            if (cell != target) {
                move(cells, cell, target);
            }
            if (cell < cells.measured()) {
                measured++;
            }
            target++;
        }
        cells.measured(measured);
        return target;
    }

    private void move(KvCells cells, int from, int to) {
        int old = cells.page(from);
        int page = cells.page(to);
        MemorySegment source = store.memory(old);
        MemorySegment target = store.memory(page);
        int fromCell = from % PAGE_CELLS;
        int toCell = to % PAGE_CELLS;
        keys.moveKey(source, store.offset(old), fromCell, target, store.offset(page), toCell, layout.keyDim());
        values.moveValue(source, store.values(old), fromCell, target, store.values(page), toCell, layout.valueDim());
        int position = source.get(RowCodec.INT, store.position(old, fromCell));
        target.set(RowCodec.INT, store.position(page, toCell), position);
        for (int i = 0; i < store.shape().sideFloats(); i++) {
            float value = source.get(RowCodec.FLOAT, store.sideFloat(old, i, fromCell));
            target.set(RowCodec.FLOAT, store.sideFloat(page, i, toCell), value);
        }
    }
}
