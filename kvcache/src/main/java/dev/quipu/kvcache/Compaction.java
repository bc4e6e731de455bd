package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.RowCodec;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** Moves the cells of one head that stay to its front, in their order, with all that is kept beside them. */
final class Compaction {
    private final KvLayout layout;
    private final KvPage page;
    private final KvStore store;
    private final RowCodec keys;
    private final RowCodec values;

    Compaction(KvLayout layout, KvPage page, KvStore store) {
        this.layout = layout;
        this.page = page;
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
        MemorySegment source = store.memory(cells.page(from));
        long sourceOffset = store.offset(cells.page(from));
        MemorySegment target = store.memory(cells.page(to));
        long targetOffset = store.offset(cells.page(to));
        int fromCell = from % PAGE_CELLS;
        int toCell = to % PAGE_CELLS;
        keys.moveKey(source, sourceOffset, fromCell, target, targetOffset, toCell, layout.keyDim());
        values.moveValue(
                source,
                sourceOffset + page.values(),
                fromCell,
                target,
                targetOffset + page.values(),
                toCell,
                layout.valueDim());
        int position = source.get(RowCodec.INT, sourceOffset + page.position(fromCell));
        target.set(RowCodec.INT, targetOffset + page.position(toCell), position);
        for (int i = 0; i < page.sideFloats(); i++) {
            float value = source.get(RowCodec.FLOAT, sourceOffset + page.sideFloat(i, fromCell));
            target.set(RowCodec.FLOAT, targetOffset + page.sideFloat(i, toCell), value);
        }
    }
}
