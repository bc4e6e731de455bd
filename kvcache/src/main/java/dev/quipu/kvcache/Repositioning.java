package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import dev.quipu.kvcache.attention.AttentionKernels;
import dev.quipu.kvcache.attention.RowCodec;
import java.lang.foreign.MemorySegment;

/**
 * Gives kept cells new places in the model's context: they close ranks, and their keys, which are stored after RoPE, are
 * turned by the difference. The last cells of all heads end up in the same place, so heads of different lengths agree about
 * the recent past.
 * One for each worker.
 *
 * <p>Based on Xiao et al., "Efficient Streaming Language Models with Attention Sinks", arXiv 2309.17453, section 3.2:
 * positions within the cache. Differs: done only when the context ends, since packed rows are rounded each time.
 */
final class Repositioning {
    private final KvLayout layout;
    private final KvStore store;
    private final AttentionKernels kernels;
    private final RotaryPairs rotary;

    /** Index of the side float that holds a cell's place, as an int. */
    private final int place;

    private final float[] tile;
    private final float[] turn;

    Repositioning(KvModel model, KvStore store) {
        this.store = store;
        layout = model.layout();
        kernels = model.kernels();
        rotary = model.rotary();
        place = model.tracking().place();
        tile = new float[(layout.keyDim() + 8) * PAGE_CELLS];
        turn = new float[2 * rotary.pairs()];
    }

    /** Moves the cells of a head to the places that end before {@code end}. */
    void move(KvCells cells, int end) {
        MemorySegment source = MemorySegment.ofArray(tile);
        int known = 0;
        for (int cell = 0; cell < cells.count(); cell++) {
            int number = cells.page(cell);
            MemorySegment memory = store.memory(number);
            long offset = store.offset(number);
            int slot = cell % PAGE_CELLS;
            if (slot == 0) {
                int length = Math.min(PAGE_CELLS, cells.count() - cell);
                kernels.keys().unpack(memory, offset, length, layout.keyDim(), tile);
            }
            long at = store.sideFloat(number, place, slot);
            int target = end - cells.count() + cell;
            int shift = target - memory.get(RowCodec.INT, at);
            if (shift == 0) {
                continue;
            }
            if (shift != known) {
                turnBy(shift);
                known = shift;
            }
            turn(source, 4L * slot, 4L * PAGE_CELLS);
            layout.keys().codec().encodeKey(source, 4L * slot, 4L * PAGE_CELLS, layout.keyDim(), memory, offset, slot);
            memory.set(RowCodec.INT, at, target);
        }
    }

    /** Turns the remembered queries, whose places all move by the same. */
    void move(RememberedQueries queries, int shift) {
        turnBy(shift);
        for (int row = 0; row < queries.rows(); row++) {
            for (int layer = 0; layer < layout.layers(); layer++) {
                for (int head = 0; head < layout.heads(); head++) {
                    turn(queries.memory(), queries.offset(row, layer, head), 4);
                }
            }
        }
    }

    /** Cosine and sine of each pair. */
    private void turnBy(int shift) {
        for (int pair = 0; pair < rotary.pairs(); pair++) {
            double angle = shift * rotary.frequency()[pair];
            turn[2 * pair] = (float) Math.cos(angle);
            turn[2 * pair + 1] = (float) Math.sin(angle);
        }
    }

    private void turn(MemorySegment channels, long offset, long stride) {
        for (int pair = 0; pair < rotary.pairs(); pair++) {
            long one = offset + stride * rotary.first(pair);
            long two = offset + stride * rotary.second(pair);
            float x = channels.get(RowCodec.FLOAT, one);
            float y = channels.get(RowCodec.FLOAT, two);
            channels.set(RowCodec.FLOAT, one, x * turn[2 * pair] - y * turn[2 * pair + 1]);
            channels.set(RowCodec.FLOAT, two, x * turn[2 * pair + 1] + y * turn[2 * pair]);
        }
    }
}
