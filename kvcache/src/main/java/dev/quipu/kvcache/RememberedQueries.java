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
 * Queries of the past, a row each: {@code float[rows][layers][heads * keyDim]}. The last 32, row = position mod 32; or, where
 * more of the past is asked for, the last 64, row = position mod 64, and 32 rows with a sample of all, every
 * {@code stride}-th: when they become more the stride doubles and every other one is forgotten, so that which are kept
 * depends on the number of tokens alone, as long as none are taken back.
 */
final class RememberedQueries {
    /** Panels of all rows where more of the past is asked for. */
    static final int PANELS = 3;

    /** The last queries, where more of the past is asked for. */
    static final int RECENT = 2 * TOKENS;

    private final KvLayout layout;
    private final int recent;
    private final MemorySegment queries;

    /** Of each row's query, or a negative number. */
    private final int[] positions;

    /** Rows that the batch in flight writes, and the positions that it brings there. */
    private final int[] rows;

    private final int[] coming;
    private int count;
    private int stride = 1;

    /** @param past whether more than the last 32 are remembered */
    RememberedQueries(KvLayout layout, boolean past, SegmentAllocator memory) {
        this.layout = layout;
        recent = past ? RECENT : TOKENS;
        int all = past ? PANELS * TOKENS : TOKENS;
        queries = memory.allocate(all * rowBytes(), 64);
        positions = new int[all];
        rows = new int[all];
        coming = new int[all];
        Arrays.fill(positions, -1);
    }

    private long rowBytes() {
        return 4L * layout.layers() * layout.heads() * layout.keyDim();
    }

    /** Remembers what another does, made for the same cache. */
    void copy(RememberedQueries other) {
        MemorySegment.copy(other.queries, 0, queries, 0, queries.byteSize());
        System.arraycopy(other.positions, 0, positions, 0, positions.length);
        stride = other.stride;
    }

    /** Where all rows are: {@link #offset}. */
    MemorySegment memory() {
        return queries;
    }

    int rows() {
        return positions.length;
    }

    /** Byte offset of a query head's {@code float[keyDim]}. */
    long offset(int row, int layer, int head) {
        return row * rowBytes() + 4L * layout.keyDim() * ((long) layer * layout.heads() + head);
    }

    /** A batch is about to come: chooses its queries, and rows for them. */
    void begin(int first, int tokens) {
        count = 0;
        for (int position = Math.max(first, first + tokens - recent); position < first + tokens; position++) {
            positions[position % recent] = -1;
            choose(position % recent, position);
        }
        if (recent < positions.length) {
            sample(first, tokens);
        }
    }

    private void sample(int first, int tokens) {
        while ((first + tokens) / stride > positions.length - recent) {
            stride *= 2;
        }
        for (int row = recent; row < positions.length; row++) {
            if (positions[row] >= 0 && (positions[row] + 1) % stride != 0) {
                positions[row] = -1;
            }
        }
        int row = recent;
        for (int position = (first / stride + 1) * stride - 1; position < first + tokens; position += stride) {
            while (positions[row] >= 0) {
                row++;
            }
            choose(row, position);
            row++;
        }
    }

    private void choose(int row, int position) {
        rows[count] = row;
        coming[count] = position;
        count++;
    }

    /** Remembers the chosen queries of a batch that starts at {@code first}, of one group. */
    void capture(int layer, int kvHead, MemorySegment q, int first, int tokens) {
        int channels = layout.group() * layout.keyDim();
        for (int i = 0; i < count; i++) {
            long target = offset(rows[i], layer, kvHead * layout.group());
            if (tokens == 1) {
                MemorySegment.copy(q, 4L * channels * kvHead, queries, target, 4L * channels);
            } else {
                int t = coming[i] - first;
                long panel = (long) (t / TOKENS) * layout.kvHeads() + kvHead;
                long source = 4L * (panel * channels * TOKENS + t % TOKENS);
                for (int c = 0; c < channels; c++) {
                    float value = q.get(RowCodec.FLOAT, source + 4L * TOKENS * c);
                    queries.set(RowCodec.FLOAT, target + 4L * c, value);
                }
            }
        }
    }

    /** The batch now counts. */
    void commit() {
        for (int i = 0; i < count; i++) {
            positions[rows[i]] = coming[i];
        }
        count = 0;
    }

    /** Forgets the queries from this position on. */
    void truncate(int end) {
        count = 0;
        for (int row = 0; row < positions.length; row++) {
            if (positions[row] >= end) {
                positions[row] = -1;
            }
        }
        if (end == 0) {
            stride = 1;
        }
    }

    /** Position of a row's query, or a negative number. */
    int position(int row) {
        return positions[row];
    }

    /** Which of the sample a position is, from 1. */
    int ordinal(int position) {
        return (position + 1) / stride;
    }

    /** Positions of those of the last {@code window} queries before {@code end} that are remembered, ascending. */
    int[] positions(int window, int end) {
        int[] held = new int[window];
        int found = 0;
        for (int position = Math.max(0, end - window); position < end; position++) {
            if (positions[position % recent] == position) {
                held[found] = position;
                found++;
            }
        }
        return Arrays.copyOf(held, found);
    }

    /** The row that a query of the last 32 has been given. */
    int row(int position) {
        return position % recent;
    }

    /**
     * A query head's queries as a panel.
     *
     * @param from int[32], a row for each lane; lanes with a negative one stay as they are
     * @param panel float[keyDim][32]
     */
    void load(int[] from, int layer, int head, float[] panel) {
        for (int lane = 0; lane < TOKENS; lane++) {
            if (from[lane] >= 0) {
                long at = offset(from[lane], layer, head);
                for (int c = 0; c < layout.keyDim(); c++) {
                    panel[c * TOKENS + lane] = queries.get(RowCodec.FLOAT, at + 4L * c);
                }
            }
        }
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
        for (int row = 0; row < positions.length; row++) {
            positions[row] = in.readInt();
        }
        byte[] bytes = in.readNBytes(Math.toIntExact(queries.byteSize()));
        MemorySegment.copy(bytes, 0, queries, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }
}
