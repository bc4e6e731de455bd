package dev.quipu.runtime.model;

import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.parallel.WorkerTeam;

/** A {@link Miniature} with all that it takes to compute with it, on the thread that asks for it. */
final class MiniatureRun implements AutoCloseable {
    /** The shortest prompt that is computed as a batch. */
    private final int[] tokens = new int[Transformer.FEW + 1];

    private final float[] logits = new float[Miniature.VOCABULARY];
    private final WorkerTeam alone = new WorkerTeam(1, "quipu-miniature");
    private final Workspace workspace;
    private final Transformer transformer;
    private final KvCache kv;
    private final SequenceCache cache;

    MiniatureRun(Miniature miniature, Kernels kernels) {
        ModelConfig config = miniature.config();
        workspace = new Workspace(config);
        transformer = new Transformer(config, miniature.weights(), kernels, alone, workspace);
        KvType type = kernels.precision() == Precision.FLOAT ? KvType.F32 : KvType.F16;
        kv = KvCache.create(config.kvLayout(type, type, Miniature.CONTEXT), kernels.width());
        cache = SequenceCache.of(kv, 1);
    }

    void prompt() {
        kv.truncate(0);
        transformer.evaluate(cache, tokens, 0, tokens.length, logits);
    }

    /** One token, after a prompt. */
    void token() {
        kv.truncate(tokens.length);
        transformer.evaluate(cache, tokens, 0, 1, logits);
    }

    @Override
    public void close() {
        kv.close();
        transformer.close();
        workspace.close();
        alone.close();
    }
}
