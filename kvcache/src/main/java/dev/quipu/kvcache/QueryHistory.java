package dev.quipu.kvcache;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;

import dev.quipu.kvcache.attention.RowCodec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Queries of the past, as panels: {@code float[4][layers][heads * keyDim][32]}. Three panels hold the last 96. The fourth
 * holds a sample of all, every {@code stride}-th and at most 32: when they become more the stride doubles and every other one
 * is forgotten, so that which are kept depends on the number of tokens alone, as long as none are taken back.
 */
final class QueryHistory {
    static final int PANELS = 4;

    /** Lanes of the last queries, lane = position mod this; those of the sample follow. */
    static final int RECENT = 3 * TOKENS;

    private static final int LANES = PANELS * TOKENS;

    private final KvLayout layout;
    private final MemorySegment queries;
    private final int[] positions = new int[LANES];

    /** Positions that the batch in flight brings. */
    private final int[] coming = new int[LANES];

    private int stride = 1;

    QueryHistory(KvLayout layout, SegmentAllocator memory) {
        this.layout = layout;
        queries = memory.allocate(offset(PANELS, 0, 0), 64);
        Arrays.fill(positions, -1);
        Arrays.fill(coming, -1);
    }

    void copy(QueryHistory other) {
        MemorySegment.copy(other.queries, 0, queries, 0, queries.byteSize());
        System.arraycopy(other.positions, 0, positions, 0, LANES);
        stride = other.stride;
    }

    MemorySegment memory() {
        return queries;
    }

    /** Byte offset of a query head's panel. */
    long offset(int panel, int layer, int head) {
        return 4L * TOKENS * layout.keyDim() * (((long) panel * layout.layers() + layer) * layout.heads() + head);
    }

    /** Chooses the queries of a batch, and lanes for them. */
    void begin(int first, int tokens) {
        Arrays.fill(coming, -1);
        for (int position = Math.max(first, first + tokens - RECENT); position < first + tokens; position++) {
            positions[position % RECENT] = -1;
            coming[position % RECENT] = position;
        }
        while ((first + tokens) / stride > LANES - RECENT) {
            stride *= 2;
        }
        for (int lane = RECENT; lane < LANES; lane++) {
            if (positions[lane] >= 0 && (positions[lane] + 1) % stride != 0) {
                positions[lane] = -1;
            }
        }
        int lane = RECENT;
        for (int position = (first / stride + 1) * stride - 1; position < first + tokens; position += stride) {
            while (positions[lane] >= 0) {
                lane++;
            }
            coming[lane] = position;
            lane++;
        }
    }

    /** Remembers the chosen queries of a batch that starts at {@code first}, of one group. */
    void capture(int layer, int kvHead, MemorySegment q, int first, int tokens) {
        int channels = layout.group() * layout.keyDim();
        long stride = tokens == 1 ? 4 : 4L * TOKENS;
        for (int lane = 0; lane < LANES; lane++) {
            int t = coming[lane] - first;
            if (coming[lane] >= 0) {
                long source = ((long) (t / TOKENS) * layout.kvHeads() + kvHead) * channels * stride + t % TOKENS * 4L;
                long target = offset(lane / TOKENS, layer, kvHead * layout.group()) + lane % TOKENS * 4L;
                for (int c = 0; c < channels; c++) {
                    float value = q.get(RowCodec.FLOAT, source + c * stride);
                    queries.set(RowCodec.FLOAT, target + 4L * TOKENS * c, value);
                }
            }
        }
    }

    /** The batch now counts. */
    void commit() {
        for (int lane = 0; lane < LANES; lane++) {
            positions[lane] = Math.max(positions[lane], coming[lane]);
        }
        Arrays.fill(coming, -1);
    }

    /** Forgets the queries from this position on. */
    void truncate(int position) {
        Arrays.fill(coming, -1);
        for (int lane = 0; lane < LANES; lane++) {
            if (positions[lane] >= position) {
                positions[lane] = -1;
            }
        }
        if (position == 0) {
            stride = 1;
        }
    }

    /** Position of the query in a lane of a panel, or a negative number. */
    int position(int panel, int lane) {
        return positions[panel * TOKENS + lane];
    }

    /** Which of the sample a position is, from 1. */
    int ordinal(int position) {
        return (position + 1) / stride;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(stride);
        for (int position : positions) {
            out.writeInt(position);
        }
        out.write(queries.toArray(ValueLayout.JAVA_BYTE));
    }

    void read(DataInputStream in) throws IOException {
        stride = in.readInt();
        for (int lane = 0; lane < LANES; lane++) {
            positions[lane] = in.readInt();
        }
        byte[] bytes = in.readNBytes(Math.toIntExact(queries.byteSize()));
        MemorySegment.copy(bytes, 0, queries, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }
}
