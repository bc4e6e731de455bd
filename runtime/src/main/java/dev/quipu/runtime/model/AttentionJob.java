package dev.quipu.runtime.model;

import dev.quipu.kvcache.KvCache;
import dev.quipu.runtime.matmul.MatMul;
import dev.quipu.runtime.parallel.WorkerTeam;
import dev.quipu.runtime.step.Steps;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Attention of one layer on the worker team: turns queries and keys by their positions, stores the batch's keys and values,
 * then attends to all. What a task of a batch makes, it hands on to the product that is queued.
 */
final class AttentionJob {
    private final ModelConfig config;
    private final Steps steps;
    private final WorkerTeam team;
    private final Workspace w;
    private final MatMul products;
    private final WorkerTeam.Task turn = this::turn;
    private final WorkerTeam.Task attend = this::attend;
    private @Nullable SequenceCache cache;
    private int layer;
    private int count;

    AttentionJob(ModelConfig config, Steps steps, WorkerTeam team, Workspace workspace, MatMul products) {
        this.config = config;
        this.steps = steps;
        this.team = team;
        this.w = workspace;
        this.products = products;
    }

    /** Whether a task's channels are whole blocks, as a product wants what it takes. */
    boolean makesBlocks() {
        return group() * config.valueLength() % MatMul.BLOCK == 0;
    }

    /** From {@code w.q}, {@code w.k} and {@code w.v} to {@code w.attended}. */
    void run(SequenceCache sequence, int layerNumber, int tokens) {
        cache = sequence;
        layer = layerNumber;
        count = tokens;
        KvCache kv = sequence.kv();
        if (tokens == 1) {
            turnOne();
            for (int kvHead = 0; kvHead < config.kvHeads(); kvHead++) {
                append(kvHead);
            }
        } else {
            team.run(config.kvHeads() * (1 + Workspace.panels(tokens)), turn);
        }
        team.run(kv.attentionTasks(layerNumber, tokens), attend);
        kv.merge(layerNumber, w.attended, tokens);
    }

    private int group() {
        return config.heads() / config.kvHeads();
    }

    /** Of a batch, first each KV head's keys, which it stores, then its queries of each panel. */
    private void turn(int task, int worker) {
        if (task < config.kvHeads()) {
            for (int panel = 0; panel < Workspace.panels(count); panel++) {
                turnPanel(w.k, panel, config.kvHeads(), task, task + 1);
            }
            append(task);
        } else {
            int first = task % config.kvHeads() * group();
            turnPanel(w.q, task / config.kvHeads() - 1, config.heads(), first, first + group());
        }
    }

    private void turnPanel(MemorySegment x, int panel, int heads, int from, int to) {
        steps.ropePanel(x, panel, heads, from, to, config.keyLength(), w.cos, w.sin, rotated(), halves());
    }

    private void turnOne() {
        steps.rope(w.q, config.heads(), config.keyLength(), w.cos, w.sin, rotated(), halves());
        steps.rope(w.k, config.kvHeads(), config.keyLength(), w.cos, w.sin, rotated(), halves());
    }

    private int rotated() {
        return config.ropeDimensions();
    }

    private boolean halves() {
        return config.ropeStyle() == RopeStyle.NEOX;
    }

    private void append(int kvHead) {
        Objects.requireNonNull(cache).kv().append(layer, kvHead, w.k, w.v, count);
    }

    private void attend(int task, int worker) {
        SequenceCache current = Objects.requireNonNull(cache);
        KvCache kv = current.kv();
        kv.attend(layer, task, w.q, w.attended, count, current.scratch()[worker]);
        if (count > 1) {
            int channels = group() * config.valueLength();
            int first = kv.attentionHead(task) * channels;
            products.take(kv.attentionPanel(task, count), first, first + channels, 0, Steps.PANEL);
        }
    }
}
