package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** One head's cells in a saved cache: their number, how many are measured, and the bytes of their pages. */
final class CellsFile {
    private final KvStore store;
    private final byte[] buffer;
    private final MemorySegment segment;

    CellsFile(KvStore store) {
        this.store = store;
        buffer = new byte[Math.toIntExact(store.shape().bytes(KvPage.TILES))];
        segment = MemorySegment.ofArray(buffer);
    }

    void write(KvCells cells, DataOutputStream out) throws IOException {
        out.writeInt(cells.count());
        out.writeInt(cells.measured());
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int tiles = KvPage.tiles(Math.min(PAGE_CELLS, cells.count() - cell));
            store.copy(cells.page(cell), segment, 0, tiles);
            out.write(buffer, 0, (int) store.shape().bytes(tiles));
        }
    }

    /** @param cells empty */
    void read(KvCells cells, DataInputStream in) throws IOException {
        int count = in.readInt();
        int measured = in.readInt();
        cells.reserve(count, store);
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            int tiles = KvPage.tiles(Math.min(PAGE_CELLS, count - cell));
            in.readFully(buffer, 0, (int) store.shape().bytes(tiles));
            store.fill(cells.page(cell), segment, 0, tiles);
        }
        cells.add(count);
        cells.measured(measured);
    }
}
