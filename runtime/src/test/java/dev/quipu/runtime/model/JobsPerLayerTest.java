package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.gguf.GgmlType;
import dev.quipu.gguf.GgufFile;
import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.KvLayout;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.ModelFormatException;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.kernel.Precision;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How often the threads of a team wait for each other in a layer. */
final class JobsPerLayerTest {
    private static final long WIDTH = 256;

    @TempDir
    Path folder;

    /** Queries, keys and values; attention; output; gate and up; down. Floats, since less is not worth several chunks. */
    @Test
    void areFiveForAToken() throws IOException, ModelFormatException {
        assertThat(jobs(GgmlType.F32, 3, 1) - jobs(GgmlType.F32, 2, 1)).isEqualTo(5);
    }

    /** Norm; queries, keys and values; positions and storing; attention; output; norm; gate and up; their product; down. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "Q8_0"})
    void areNineForABatch(GgmlType type) throws IOException, ModelFormatException {
        assertThat(jobs(type, 3, 70) - jobs(type, 2, 70)).isEqualTo(9);
    }

    /** Norm; queries, keys and values; positions and storing; attention: nobody wants more of a batch without logits. */
    @Test
    void areFourInTheLastLayerOfABatchWithoutLogits() throws IOException, ModelFormatException {
        assertThat(jobs(GgmlType.F32, 1, 70)).isEqualTo(4);
    }

    private int jobs(GgmlType type, int layers, int batch) throws IOException, ModelFormatException {
        Path path = folder.resolve(layers + ".gguf");
        new ModelFileBuilder(WIDTH, type)
                .layers(layers)
                .integer("llama.context_length", 512)
                .write(path);
        Kernels kernels = Kernels.choose(KernelChoice.AUTO, Precision.FAST);
        try (GgufFile file = GgufFile.open(path);
                WorkerTeam team = new WorkerTeam(2, "counted")) {
            Architecture llama = Architecture.of("llama");
            WeightReader reader = new WeightReader(file);
            ModelConfig config = ConfigReader.read(file.metadata(), llama, reader.vocabularySize());
            TransformerWeights weights = reader.read(config, llama);
            KvLayout layout = new KvLayout(
                    layers,
                    config.heads(),
                    config.kvHeads(),
                    config.keyLength(),
                    config.valueLength(),
                    1,
                    KvType.F16,
                    KvType.F16,
                    512);
            try (Workspace workspace = new Workspace(config);
                    Transformer transformer = new Transformer(config, weights, kernels, team, workspace);
                    KvCache kv = KvCache.create(layout, kernels.width())) {
                SequenceCache cache = SequenceCache.of(kv, 2);
                // Some cells first, so that attention to them has several tasks.
                transformer.evaluate(cache, new int[300], 0, 300, null);
                int before = team.sharedJobs();
                transformer.evaluate(cache, new int[batch], 0, batch, null);
                return team.sharedJobs() - before;
            }
        }
    }
}
