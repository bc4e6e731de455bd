package dev.quipu.runtime.model;

import dev.quipu.runtime.parallel.WorkerTeam;
import dev.quipu.runtime.step.Steps;
import java.lang.foreign.MemorySegment;

/** The small steps of a batch, a panel a task. */
final class PanelJobs {
    private final ModelConfig config;
    private final Steps steps;
    private final WorkerTeam team;
    private final Workspace w;
    private final WorkerTeam.Task rmsNorm = this::rmsNorm;
    private final WorkerTeam.Task rope = this::rope;
    private final WorkerTeam.Task swiGlu = this::swiGlu;
    private MemorySegment x = MemorySegment.NULL;
    private MemorySegment y = MemorySegment.NULL;
    private float[] weight = new float[0];

    PanelJobs(ModelConfig config, Steps steps, WorkerTeam team, Workspace workspace) {
        this.config = config;
        this.steps = steps;
        this.team = team;
        this.w = workspace;
    }

    void rmsNorm(MemorySegment from, float[] normWeight, MemorySegment to, int count) {
        x = from;
        y = to;
        weight = normWeight;
        team.run(Workspace.panels(count), rmsNorm);
    }

    /** Turns {@code w.q} and {@code w.k}. */
    void rope(int count) {
        team.run(Workspace.panels(count), rope);
    }

    /** From {@code w.gate} and {@code w.up} to {@code w.gate}. */
    void swiGlu(int count) {
        team.run(Workspace.panels(count), swiGlu);
    }

    private void rmsNorm(int panel, int worker) {
        steps.rmsNormPanel(x, panel, weight, config.normEpsilon(), y);
    }

    private void rope(int panel, int worker) {
        boolean halves = config.ropeStyle() == RopeStyle.NEOX;
        int rotated = config.ropeDimensions();
        steps.ropePanel(w.q, panel, config.heads(), config.keyLength(), w.cos, w.sin, rotated, halves);
        steps.ropePanel(w.k, panel, config.kvHeads(), config.keyLength(), w.cos, w.sin, rotated, halves);
    }

    private void swiGlu(int panel, int worker) {
        long elements = (long) config.feedForwardLength() * Steps.PANEL;
        steps.swiGlu(w.gate, w.up, panel * elements, (panel + 1) * elements);
    }
}
