package dev.quipu.runtime.model;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipu.kvcache.KvCache;
import dev.quipu.runtime.LogitsConsumer;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.WeightMatrix;
import dev.quipu.runtime.matmul.MatMul;
import dev.quipu.runtime.parallel.WorkerTeam;
import dev.quipu.runtime.step.StepKernels;
import dev.quipu.runtime.step.Steps;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of a Llama-like decoder (arXiv 2302.13971): in each layer, attention over what came before, then a gated
 * feed-forward network, both on the normalised residual stream and added to it.
 *
 * <p>A batch of one token is a plain vector, a larger one a row of panels of 32 tokens; each small step has both forms, see
 * {@link Steps}. The residual stream is {@code w.x}, everything else in the {@link Workspace} is scratch. Nothing is
 * allocated per batch.
 */
final class Transformer implements AutoCloseable {
    private static final int PANEL = Steps.PANEL;

    /** Up to so many tokens are faster one by one: a panel costs the same whether it is full or not. */
    static final int FEW = 6;

    private final ModelConfig config;
    private final TransformerWeights weights;
    private final Workspace w;
    private final MatrixVector vector;
    private final MatMul panels;
    private final AttentionJob attention;
    private final StepJobs stepJobs;
    private final TokenRow embedding;
    private final TokenRow cos;
    private final TokenRow sin;

    Transformer(ModelConfig config, TransformerWeights weights, Kernels kernels, WorkerTeam team, Workspace workspace) {
        this.config = config;
        this.weights = weights;
        this.w = workspace;
        Steps steps = StepKernels.of(kernels.width());
        vector = new MatrixVector(kernels, team);
        panels =
                new MatMul(kernels.width(), kernels.inPairs(), type -> kernels.of(type)::unpack, kernels::quants, team);
        attention = new AttentionJob(config, steps, team, workspace, panels);
        stepJobs = new StepJobs(config, steps, team, workspace, panels);
        embedding = new TokenRow(config.embeddingLength());
        cos = new TokenRow(weights.rope().pairs());
        sin = new TokenRow(weights.rope().pairs());
    }

    /** Makes room for a batch. */
    void prepare(int count) {
        w.ensure(count <= FEW ? 1 : count);
    }

    /** Appends tokens to the cache; {@code logits}, if wanted, receives those of the last one. */
    void evaluate(SequenceCache cache, int[] tokens, int from, int count, float @Nullable [] logits) {
        if (count > 1 && count <= FEW) {
            for (int t = 0; t < count; t++) {
                evaluate(cache, tokens, from + t, 1, t == count - 1 ? logits : null);
            }
            return;
        }
        allButLastLayer(cache, tokens, from, count);
        int last = config.layers() - 1;
        if (logits == null) {
            attend(cache, last, count); // its keys and values are all that later tokens need
        } else if (count == 1) {
            layerOfOne(cache, last);
            logits(w.x, logits);
        } else {
            lastLayerOfPanels(cache, last, count);
            logits(w.single, logits);
        }
        cache.kv().commit();
    }

    private void allButLastLayer(SequenceCache cache, int[] tokens, int from, int count) {
        prepare(count);
        begin(cache.kv(), tokens, from, count);
        for (int layer = 0; layer < config.layers() - 1; layer++) {
            if (count == 1) {
                layerOfOne(cache, layer);
            } else {
                layerOfPanels(cache, layer, count);
            }
        }
    }

    /** Logits of one token, which leave {@code x} as it is. */
    private void logits(MemorySegment x, float[] logits) {
        stepJobs.rmsNorm(x, weights.outputNorm(), w.normed, 1);
        vector.multiply(w.normed, weights.output(), w.logits);
        MemorySegment.copy(w.logits, JAVA_FLOAT, 0, logits, 0, logits.length);
    }

    /** Appends tokens to the cache, and hands out the logits of each. */
    void evaluateAll(SequenceCache cache, int[] tokens, int from, int count, float[] logits, LogitsConsumer consumer) {
        int first = cache.kv().positions();
        if (count <= FEW) {
            for (int t = 0; t < count; t++) {
                evaluate(cache, tokens, from + t, 1, logits);
                consumer.accept(first + t, logits);
            }
            return;
        }
        allButLastLayer(cache, tokens, from, count);
        layerOfPanels(cache, config.layers() - 1, count);
        cache.kv().commit();
        stepJobs.rmsNorm(w.x, weights.outputNorm(), w.normed, count);
        long panelBytes = (long) config.embeddingLength() * PANEL * Float.BYTES;
        MemorySegment all = w.panelLogits();
        for (int panel = 0; panel < Workspace.panels(count); panel++) {
            MemorySegment normed = w.normed.asSlice(panel * panelBytes, panelBytes);
            panels.multiply(weights.output(), normed, all, PANEL, false, null);
            int inPanel = Math.min(PANEL, count - panel * PANEL);
            for (int token = 0; token < inPanel; token++) {
                for (int i = 0; i < logits.length; i++) {
                    logits[i] = all.getAtIndex(JAVA_FLOAT, (long) i * PANEL + token);
                }
                consumer.accept(first + panel * PANEL + token, logits);
            }
        }
    }

    /** Embeddings into the residual stream, and the angles of the batch's positions. */
    private void begin(KvCache kv, int[] tokens, int from, int count) {
        int first = kv.begin(count);
        for (int t = 0; t < count; t++) {
            embed(tokens[from + t]);
            angles(first + t);
            embedding.store(w.x, t, count);
            cos.store(w.cos, t, count);
            sin.store(w.sin, t, count);
        }
    }

    private void embed(int token) {
        WeightMatrix matrix = weights.embedding();
        // By the definition: vector code that runs once a token would stay interpreted, and slow, for long.
        matrix.type().dequantize(matrix.data(), token * matrix.rowBytes(), embedding.row, 0, embedding.row.length);
    }

    private void angles(int position) {
        Rope rope = weights.rope();
        for (int i = 0; i < rope.pairs(); i++) {
            cos.row[i] = rope.cos(position, i);
            sin.row[i] = rope.sin(position, i);
        }
    }

    private void layerOfOne(SequenceCache cache, int number) {
        TransformerLayer l = weights.layers().get(number);
        attend(cache, number, 1);
        vector.multiply(w.attended, l.output(), w.normed);
        addBias(w.normed, l.outputBias());
        stepJobs.add(w.x, w.normed);

        stepJobs.rmsNorm(w.x, l.feedForwardNorm(), w.normed, 1);
        vector.multiply(w.normed, l.gate(), w.gate, l.up(), w.up);
        stepJobs.swiGlu(1);
        vector.multiply(w.gate, l.down(), w.normed);
        stepJobs.add(w.x, w.normed);
    }

    /** Keys and values into the cache, and what the queries get to {@code w.attended}. */
    private void attend(SequenceCache cache, int number, int count) {
        TransformerLayer l = weights.layers().get(number);
        if (count > 1) {
            project(l, count);
        } else {
            stepJobs.rmsNorm(w.x, l.attentionNorm(), w.normed, 1);
            vector.multiply(w.normed, l.query(), w.q, l.key(), w.k, l.value(), w.v);
            addBias(w.q, l.queryBias());
            addBias(w.k, l.keyBias());
            addBias(w.v, l.valueBias());
        }
        attention.run(cache, number, count);
    }

    private void layerOfPanels(SequenceCache cache, int number, int count) {
        TransformerLayer l = weights.layers().get(number);
        project(l, count);
        panels.queue(l.output(), w.attended, w.x, count, true, l.outputBias());
        if (attention.makesBlocks()) {
            panels.expect();
        }
        attention.run(cache, number, count);
        panels.run();
        feedForward(l, w.x, count);
    }

    /** The last layer, whose output only the last token needs, so it is that of the last panel. */
    private void lastLayerOfPanels(SequenceCache cache, int number, int count) {
        TransformerLayer l = weights.layers().get(number);
        attend(cache, number, count);
        MemorySegment x = lastPanel(w.x, config.embeddingLength(), count);
        MemorySegment attended = lastPanel(w.attended, config.attentionChannels(), count);
        panels.multiply(l.output(), attended, x, PANEL, true, l.outputBias());
        feedForward(l, x, PANEL);
        gatherToken(x, (count - 1) % PANEL, w.single);
    }

    /** The second half of a layer, for a batch whose residual stream is {@code x}. */
    private void feedForward(TransformerLayer l, MemorySegment x, int count) {
        panels.queue(l.gate(), w.normed, w.gate, count, false, null);
        panels.queue(l.up(), w.normed, w.up, count, false, null);
        panels.expect();
        stepJobs.rmsNorm(x, l.feedForwardNorm(), w.normed, count);
        panels.run();

        panels.queue(l.down(), w.gate, x, count, true, null);
        panels.expect();
        stepJobs.swiGlu(count);
        panels.run();
    }

    private static MemorySegment lastPanel(MemorySegment all, int channels, int count) {
        long bytes = (long) channels * PANEL * Float.BYTES;
        return all.asSlice((Workspace.panels(count) - 1) * bytes, bytes);
    }

    /** Queries, keys and values of a batch. */
    private void project(TransformerLayer l, int count) {
        panels.queue(l.query(), w.normed, w.q, count, false, l.queryBias());
        panels.queue(l.key(), w.normed, w.k, count, false, l.keyBias());
        panels.queue(l.value(), w.normed, w.v, count, false, l.valueBias());
        panels.expect();
        stepJobs.rmsNorm(w.x, l.attentionNorm(), w.normed, count);
        panels.run();
    }

    private static void addBias(MemorySegment y, float @Nullable [] bias) {
        if (bias != null) {
            for (int i = 0; i < bias.length; i++) {
                y.setAtIndex(JAVA_FLOAT, i, y.getAtIndex(JAVA_FLOAT, i) + bias[i]);
            }
        }
    }

    /** Copies a token's channels out of its panel. */
    private static void gatherToken(MemorySegment panel, int token, MemorySegment to) {
        long channels = to.byteSize() / Float.BYTES;
        for (long i = 0; i < channels; i++) {
            to.setAtIndex(JAVA_FLOAT, i, panel.getAtIndex(JAVA_FLOAT, i * PANEL + token));
        }
    }

    @Override
    public void close() {
        vector.close();
        panels.close();
    }
}
