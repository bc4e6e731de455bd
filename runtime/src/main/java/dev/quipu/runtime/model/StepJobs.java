package dev.quipu.runtime.model;

import dev.quipu.runtime.matmul.MatMul;
import dev.quipu.runtime.parallel.WorkerTeam;
import dev.quipu.runtime.step.Steps;
import java.lang.foreign.MemorySegment;

/**
 * The small steps as jobs of the worker team. What a task of a batch makes, it hands on to the products that are queued, so
 * that they need no job to quantise it. For one token a step is one task, which threads do not wait for each other in, and a
 * method of its own to the compiler, which would otherwise inline all steps in one place and leave some of their vectors to
 * Java.
 */
final class StepJobs {
    /** Tokens that one task normalises: half a panel, a whole number of vectors. */
    private static final int TOKENS = 16;

    /** Channels that one task gates, of all tokens of a panel. */
    private static final int CHANNELS = 256;

    private final ModelConfig config;
    private final Steps steps;
    private final WorkerTeam team;
    private final Workspace w;
    private final MatMul products;
    private final WorkerTeam.Task rmsNorm = this::rmsNorm;
    private final WorkerTeam.Task rmsNormOfPanel = this::rmsNormOfPanel;
    private final WorkerTeam.Task swiGlu = this::swiGlu;
    private final WorkerTeam.Task swiGluOfPanel = this::swiGluOfPanel;
    private final WorkerTeam.Task add = this::add;
    private MemorySegment x = MemorySegment.NULL;
    private MemorySegment y = MemorySegment.NULL;
    private float[] weight = new float[0];

    StepJobs(ModelConfig config, Steps steps, WorkerTeam team, Workspace workspace, MatMul products) {
        this.config = config;
        this.steps = steps;
        this.team = team;
        this.w = workspace;
        this.products = products;
    }

    /** y = normalised x, of {@code count} tokens. */
    void rmsNorm(MemorySegment from, float[] normWeight, MemorySegment to, int count) {
        x = from;
        y = to;
        weight = normWeight;
        if (count == 1) {
            team.run(1, rmsNorm);
        } else {
            team.run(Workspace.panels(count) * (Steps.PANEL / TOKENS), rmsNormOfPanel);
        }
    }

    /** From {@code w.gate} and {@code w.up} to {@code w.gate}. */
    void swiGlu(int count) {
        if (count == 1) {
            team.run(1, swiGlu);
        } else {
            team.run(Workspace.panels(count) * gatedTiles(), swiGluOfPanel);
        }
    }

    /** x += y, of one token's residual stream. */
    void add(MemorySegment to, MemorySegment more) {
        x = to;
        y = more;
        team.run(1, add);
    }

    private int gatedTiles() {
        return (config.feedForwardLength() + CHANNELS - 1) / CHANNELS;
    }

    private void rmsNorm(int task, int worker) {
        steps.rmsNorm(x, weight, config.normEpsilon(), y);
    }

    private void rmsNormOfPanel(int task, int worker) {
        int parts = Steps.PANEL / TOKENS;
        int panel = task / parts;
        int token = task % parts * TOKENS;
        steps.rmsNormPanel(x, panel, token, token + TOKENS, weight, config.normEpsilon(), y);
        products.take(panel, 0, weight.length, token, token + TOKENS);
    }

    private void swiGlu(int task, int worker) {
        steps.swiGlu(w.gate, w.up, 0, config.feedForwardLength());
    }

    private void swiGluOfPanel(int task, int worker) {
        int panel = task / gatedTiles();
        int channel = task % gatedTiles() * CHANNELS;
        int end = Math.min(channel + CHANNELS, config.feedForwardLength());
        long first = (long) panel * config.feedForwardLength();
        steps.swiGlu(w.gate, w.up, (first + channel) * Steps.PANEL, (first + end) * Steps.PANEL);
        products.take(panel, channel, end, 0, Steps.PANEL);
    }

    private void add(int task, int worker) {
        steps.add(x, y, 0, config.embeddingLength());
    }
}
