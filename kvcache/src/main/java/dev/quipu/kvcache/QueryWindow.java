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
import org.jspecify.annotations.Nullable;

/**
 * The last 32 queries of every layer, as a panel: float[layers][heads * keyDim][32], lane = position mod 32; and, where
 * asked for, more of the past.
 */
final class QueryWindow {
    private final KvLayout layout;
    private final MemorySegment queries;
    private final int[] positions = new int[TOKENS];
    private final @Nullable QueryHistory history;

    QueryWindow(KvLayout layout, boolean remembering, SegmentAllocator memory) {
        this.layout = layout;
        history = remembering ? new QueryHistory(layout, memory) : null;
        queries = memory.allocate(offset(layout.layers(), 0), 64);
        Arrays.fill(positions, -1);
    }

    /** Remembers what another window does. */
    void copy(QueryWindow other) {
        MemorySegment.copy(other.queries, 0, queries, 0, queries.byteSize());
        System.arraycopy(other.positions, 0, positions, 0, TOKENS);
        if (history != null && other.history != null) {
            history.copy(other.history);
        }
    }

    @Nullable
    QueryHistory history() {
        return history;
    }

    MemorySegment memory() {
        return queries;
    }

    /** Byte offset of a query head's panel. */
    long offset(int layer, int head) {
        return 4L * TOKENS * layout.keyDim() * ((long) layer * layout.heads() + head);
    }

    /** A batch is about to overwrite what is remembered. */
    void begin(int first, int tokens) {
        for (int t = Math.max(0, tokens - TOKENS); t < tokens; t++) {
            positions[(first + t) % TOKENS] = -1;
        }
        if (history != null) {
            history.begin(first, tokens);
        }
    }

    /** Remembers the last queries of a batch that starts at {@code first}, of one group. */
    void capture(int layer, int kvHead, MemorySegment q, int first, int tokens) {
        int channels = layout.group() * layout.keyDim();
        long target = offset(layer, kvHead * layout.group());
        for (int t = Math.max(0, tokens - TOKENS); t < tokens; t++) {
            long stride = tokens == 1 ? 4 : 4L * TOKENS;
            int panel = t / TOKENS;
            long source = ((long) panel * layout.kvHeads() + kvHead) * channels * stride + t % TOKENS * 4L;
            int lane = (first + t) % TOKENS;
            for (int c = 0; c < channels; c++) {
                float value = q.get(RowCodec.FLOAT, source + c * stride);
                queries.set(RowCodec.FLOAT, target + 4L * (c * TOKENS + lane), value);
            }
        }
        if (history != null) {
            history.capture(layer, kvHead, q, first, tokens);
        }
    }

    /** The batch that starts at {@code first} now counts. */
    void commit(int first, int tokens) {
        for (int t = Math.max(0, tokens - TOKENS); t < tokens; t++) {
            positions[(first + t) % TOKENS] = first + t;
        }
        if (history != null) {
            history.commit();
        }
    }

    void write(DataOutputStream out) throws IOException {
        for (int position : positions) {
            out.writeInt(position);
        }
        out.write(queries.toArray(ValueLayout.JAVA_BYTE));
        if (history != null) {
            history.write(out);
        }
    }

    void read(DataInputStream in) throws IOException {
        for (int lane = 0; lane < TOKENS; lane++) {
            positions[lane] = in.readInt();
        }
        byte[] bytes = in.readNBytes(Math.toIntExact(queries.byteSize()));
        MemorySegment.copy(bytes, 0, queries, ValueLayout.JAVA_BYTE, 0, bytes.length);
        if (history != null) {
            history.read(in);
        }
    }

    /** Positions of the queries in {@link #lanes}, in the same order. */
    int[] positions(int window, int end) {
        int[] result = lanes(window, end);
        for (int i = 0; i < result.length; i++) {
            result[i] = positions[result[i]];
        }
        return result;
    }

    /** Position of the query in a lane, or a negative number. */
    int position(int lane) {
        return positions[lane];
    }

    /** Forgets the queries from this position on. */
    void truncate(int position) {
        for (int lane = 0; lane < TOKENS; lane++) {
            if (positions[lane] >= position) {
                positions[lane] = -1;
            }
        }
        if (history != null) {
            history.truncate(position);
        }
    }

    /** Lanes of the last {@code window} queries before {@code end}, oldest first. */
    int[] lanes(int window, int end) {
        int[] lanes = new int[TOKENS];
        int count = 0;
        for (int position = Math.max(0, end - window); position < end; position++) {
            if (positions[position % TOKENS] == position) {
                lanes[count] = position % TOKENS;
                count++;
            }
        }
        return Arrays.copyOf(lanes, count);
    }
}
