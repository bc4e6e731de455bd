package dev.quipu.runtime.model;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.kernel.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model as small as can be that computes with the same kernels as a given one: its matrices are pieces of that model's,
 * a few rows of one or a few blocks. What it computes means nothing.
 *
 * @param config the same groups of heads, but only as many as fill whole blocks
 * @param weights one layer for each combination of types
 */
record Miniature(ModelConfig config, TransformerWeights weights) {
    /** Positions that a cache for it needs. */
    static final int CONTEXT = 64;

    /** Smaller models are done before their kernels are compiled. */
    private static final long LEAST_BYTES = 16 << 20;

    /** Tokens of the vocabulary. The output is computed for one token only, and few rows do for that kernel. */
    static final int VOCABULARY = 4;

    /** Rows that take each kernel of a batch through its main loop and its remainder. */
    private static final int ROWS = 16;

    /** Most elements of a head. */
    private static final int HEAD = 32;

    /** Rows of further matrices of a type. */
    private static final int FEW_ROWS = 4;

    /** Whether a model is so large that its first prompt gains by warm kernels. */
    static boolean isWorthwhile(TransformerWeights w) {
        return w.bytes() >= LEAST_BYTES;
    }

    static Miniature of(ModelConfig c, TransformerWeights w) {
        Set<GgmlType> types = EnumSet.of(w.embedding().type(), w.output().type());
        w.layers().forEach(layer -> types.addAll(types(layer)));
        int columns = types.stream().mapToInt(GgmlType::blockElements).max().orElseThrow();
        columns = Math.max(columns, HEAD);
        int group = c.heads() / c.kvHeads();
        int kvHeads = wholeBlocks(columns, group * Math.min(HEAD, c.valueLength()));
        Cutter cutter = new Cutter(columns, kvHeads * group * Math.min(HEAD, c.valueLength()));
        List<TransformerLayer> layers = cutter.layers(w.layers());
        ModelConfig config = new ModelConfig(
                c.architecture(),
                VOCABULARY,
                c.contextLength(),
                columns,
                layers.size(),
                columns,
                kvHeads * group,
                kvHeads,
                Math.min(HEAD, c.keyLength()),
                Math.min(HEAD, c.valueLength()),
                c.normEpsilon(),
                c.ropeStyle(),
                Math.min(HEAD, c.ropeDimensions()),
                c.ropeBase(),
                c.ropeScaling());
        return new Miniature(
                config,
                new TransformerWeights(
                        cutter.cut(w.embedding(), VOCABULARY),
                        layers,
                        new Rope(config, null),
                        cutter.ones(),
                        cutter.cut(w.output(), VOCABULARY)));
    }

    /**
     * One that is of no model: one layer in Q4_0, of made-up weights, for the kernels that nearly all models share.
     *
     * @param arena owns the weights
     */
    static Miniature typical(Arena arena) {
        ModelConfig config = new ModelConfig(
                "llama",
                VOCABULARY,
                CONTEXT,
                HEAD,
                1,
                HEAD,
                1,
                1,
                HEAD,
                HEAD,
                1e-5f,
                RopeStyle.NORMAL,
                HEAD,
                10_000,
                RopeScaling.NONE);
        long rowBytes = GgmlType.Q4_0.rowBytes(HEAD);
        MemorySegment data = arena.allocate(ROWS * rowBytes, 64);
        data.fill((byte) 0x35); // d = 0.33, weights of -5 and -3
        WeightMatrix matrix =
                new WeightMatrix("made up", GgmlType.Q4_0, ROWS, HEAD, rowBytes, data.asSlice(0, ROWS * rowBytes));
        WeightMatrix output = new WeightMatrix(
                "made up", GgmlType.Q4_0, VOCABULARY, HEAD, rowBytes, data.asSlice(0, VOCABULARY * rowBytes));
        float[] norm = new float[HEAD];
        Arrays.fill(norm, 1);
        TransformerLayer layer = new TransformerLayer(
                norm, matrix, null, matrix, null, matrix, null, matrix, null, norm, matrix, matrix, matrix);
        return new Miniature(
                config, new TransformerWeights(output, List.of(layer), new Rope(config, null), norm, output));
    }

    /** The least number of groups of heads whose channels are a multiple of so many columns. */
    private static int wholeBlocks(int columns, int groupChannels) {
        int groups = 1;
        while (groups * groupChannels % columns != 0) {
            groups++;
        }
        return groups;
    }

    private static List<GgmlType> types(TransformerLayer l) {
        return l.matrices().stream().map(WeightMatrix::type).toList();
    }

    /** Cuts pieces of so many columns out of matrices, or as many as attention has channels. */
    private record Cutter(int columns, int attentionChannels, Set<GgmlType> seen) {
        Cutter(int columns, int attentionChannels) {
            this(columns, attentionChannels, EnumSet.noneOf(GgmlType.class));
        }

        List<TransformerLayer> layers(List<TransformerLayer> layers) {
            List<TransformerLayer> cut = new ArrayList<>();
            Set<List<GgmlType>> combinations = new HashSet<>();
            for (TransformerLayer layer : layers) {
                if (combinations.add(types(layer))) {
                    cut.add(layer(layer));
                }
            }
            return cut;
        }

        private TransformerLayer layer(TransformerLayer l) {
            return new TransformerLayer(
                    ones(),
                    cut(l.query()),
                    bias(l.queryBias()),
                    cut(l.key()),
                    bias(l.keyBias()),
                    cut(l.value()),
                    bias(l.valueBias()),
                    cut(l.output(), FEW_ROWS, attentionChannels),
                    bias(l.outputBias()),
                    ones(),
                    cut(l.gate()),
                    cut(l.up()),
                    cut(l.down()));
        }

        private WeightMatrix cut(WeightMatrix w) {
            return cut(w, seen.add(w.type()) ? ROWS : FEW_ROWS);
        }

        WeightMatrix cut(WeightMatrix w, int rows) {
            return cut(w, rows, columns);
        }

        /** The first bytes of the data as rows of a shorter matrix: whole blocks, whatever columns they were of. */
        private WeightMatrix cut(WeightMatrix w, int rows, int columns) {
            long rowBytes = w.type().rowBytes(columns);
            return new WeightMatrix(
                    w.name(), w.type(), rows, columns, rowBytes, w.data().asSlice(0, rows * rowBytes));
        }

        private float @Nullable [] bias(float @Nullable [] bias) {
            return bias == null ? null : new float[ROWS];
        }

        float[] ones() {
            float[] ones = new float[columns];
            Arrays.fill(ones, 1);
            return ones;
        }
    }
}
