package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One head's cells in a saved cache: their number, how many are measured, and the bytes of their pages. */
final class CellsFile {
    private final KvStore store;
    private final byte[] buffer;

    CellsFile(KvStore store, KvPage page) {
        this.store = store;
        buffer = new byte[Math.toIntExact(page.bytes())];
    }

    void write(KvCells cells, DataOutputStream out) throws IOException {
        out.writeInt(cells.count());
        out.writeInt(cells.measured());
        for (int cell = 0; cell < cells.count(); cell += PAGE_CELLS) {
            int number = cells.page(cell);
            MemorySegment.copy(
                    store.memory(number), ValueLayout.JAVA_BYTE, store.offset(number), buffer, 0, buffer.length);
            out.write(buffer);
        }
    }

    /** @param cells empty */
    void read(KvCells cells, DataInputStream in) throws IOException {
        int count = in.readInt();
        int measured = in.readInt();
        cells.reserve(count, store);
        for (int cell = 0; cell < count; cell += PAGE_CELLS) {
            in.readFully(buffer);
            int number = cells.page(cell);
            MemorySegment.copy(
                    buffer, 0, store.memory(number), ValueLayout.JAVA_BYTE, store.offset(number), buffer.length);
        }
        cells.add(count);
        cells.measured(measured);
    }
}
