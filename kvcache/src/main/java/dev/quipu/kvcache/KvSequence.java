package dev.quipu.kvcache;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The sequence that a cache remembers: how many tokens it has had, where the next one stands in the model's context, which
 * positions are marked; with its cells and its last queries.
 */
final class KvSequence {
    private static final AtomicLong CHANGES = new AtomicLong();

    private final KvHeads heads;
    private final KvTracking tracking;
    private final @Nullable RememberedQueries queries;
    private final BitSet spans = new BitSet();
    private int positions;

    /** By how much the places of new tokens in the model's context lag behind their positions. */
    private int lag;

    private long revision;

    KvSequence(KvHeads heads, KvTracking tracking, @Nullable RememberedQueries queries) {
        this.heads = heads;
        this.tracking = tracking;
        this.queries = queries;
    }

    /** Becomes what another is, but for the cells, which its {@link KvHeads#fork} holds already. */
    void copy(KvSequence other) {
        if (queries != null && other.queries != null) {
            queries.copy(other.queries);
        }
        spans.or(other.spans);
        positions = other.positions;
        lag = other.lag;
        revision = other.revision;
    }

    /** Tokens seen so far: the position of the next one. */
    int positions() {
        return positions;
    }

    /** The place of the next token in the model's context. */
    int nextPlace() {
        return positions - lag;
    }

    /** Number of the last change: no two changes of any sequences have the same. */
    long revision() {
        return revision;
    }

    /** Something about the cells has changed. */
    void change() {
        revision = CHANGES.incrementAndGet();
    }

    /** Positions that are never to be evicted. */
    BitSet spans() {
        return spans;
    }

    /** A batch is about to come. */
    void begin(int tokens) {
        if (queries != null) {
            queries.begin(positions, tokens);
        }
    }

    /** Its tokens now count. */
    void add(int tokens) {
        heads.add(tokens);
        if (queries != null) {
            queries.commit();
        }
        positions += tokens;
        change();
    }

    /** Forgets everything from this position on. */
    void truncate(int end) {
        heads.truncate(end);
        if (queries != null) {
            queries.truncate(end);
        }
        if (end < spans.length()) {
            spans.clear(end, spans.length());
        }
        positions = end;
        lag = lag == 0 ? 0 : Math.min(lag, end - heads.nextPlace(tracking.place()));
        change();
    }

    /** Gives cells and queries new places without gaps, one mover for each worker. */
    void reposition(Repositioning[] movers, TaskRunner runner) {
        int end = heads.longest();
        heads.ownAll();
        runner.run(heads.size(), (index, worker) -> movers[worker].move(heads.of(index), end));
        if (queries != null) {
            movers[0].move(queries, end - nextPlace());
        }
        lag = positions - end;
        change();
    }

    /** {@link KvCache#intact}. */
    int intact(int end, int needed) {
        BitSet held = heads.everywhere();
        int run = 0;
        int best = 0;
        for (int position = 0; position < end; position++) {
            run = held.get(position) ? run + 1 : 0;
            if (run >= Math.min(needed, position + 1)) {
                best = position + 1;
            }
        }
        return best;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(positions);
        out.writeInt(lag);
        out.writeInt(spans.length());
        for (int i = 0; i < spans.length(); i++) {
            out.writeBoolean(spans.get(i));
        }
        heads.write(out);
        if (queries != null) {
            queries.write(out);
        }
    }

    /** Replaces all by what was written. */
    void read(DataInputStream in) throws IOException {
        truncate(0);
        int saved = in.readInt();
        int savedLag = in.readInt();
        int marked = in.readInt();
        for (int i = 0; i < marked; i++) {
            spans.set(i, in.readBoolean());
        }
        heads.read(in);
        if (queries != null) {
            queries.read(in);
        }
        positions = saved;
        lag = savedLag;
        change();
    }
}
