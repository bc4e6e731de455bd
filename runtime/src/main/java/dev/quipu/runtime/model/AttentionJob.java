package dev.quipu.runtime.model;

import dev.quipu.kvcache.KvCache;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Attention of one layer on the worker team: stores the batch's keys and values, then attends to all. */
final class AttentionJob {
    private final int kvHeads;
    private final WorkerTeam team;
    private final Workspace w;
    private final WorkerTeam.Task append = this::append;
    private final WorkerTeam.Task attend = this::attend;
    private @Nullable SequenceCache cache;
    private int layer;
    private int count;

    AttentionJob(ModelConfig config, WorkerTeam team, Workspace workspace) {
        this.kvHeads = config.kvHeads();
        this.team = team;
        this.w = workspace;
    }

    /** From {@code w.q}, {@code w.k} and {@code w.v} to {@code w.attended}. */
    void run(SequenceCache sequence, int layerNumber, int tokens) {
        cache = sequence;
        layer = layerNumber;
        count = tokens;
        KvCache kv = sequence.kv();
        if (tokens == 1) {
            for (int kvHead = 0; kvHead < kvHeads; kvHead++) {
                append(kvHead, 0);
            }
        } else {
            team.run(kvHeads, append);
        }
        team.run(kv.attentionTasks(layerNumber, tokens), attend);
        kv.merge(layerNumber, w.attended, tokens);
    }

    private void append(int kvHead, int worker) {
        Objects.requireNonNull(cache).kv().append(layer, kvHead, w.k, w.v, count);
    }

    private void attend(int task, int worker) {
        SequenceCache current = Objects.requireNonNull(cache);
        current.kv().attend(layer, task, w.q, w.attended, count, current.scratch()[worker]);
    }
}
