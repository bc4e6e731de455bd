package dev.quipu.kvcache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Runs batches of random tokens through a cache as a model would, and remembers them for the float64 definition. */
final class CacheDriver implements AutoCloseable {
    static final int LANES = 32;

    final KvLayout layout;
    final KvCache cache;
    final AttentionScratch scratch;
    private final Arena arena = Arena.ofConfined();
    private final Random random;
    private final int capacity;

    /** float[layers][maxPositions][channels], as appended. */
    final float[][][] keys;

    final float[][][] values;
    final float[][][] queries;

    CacheDriver(KvLayout layout, KvCache cache, long seed) {
        this.layout = layout;
        this.cache = cache;
        scratch = cache.newScratch();
        random = new Random(seed);
        capacity = layout.maxPositions();
        keys = new float[layout.layers()][capacity][];
        values = new float[layout.layers()][capacity][];
        queries = new float[layout.layers()][capacity][];
    }

    /** Appends and attends a batch of fresh random tokens; returns float[layers][tokens][heads * valueDim]. */
    float[][][] run(int tokens) {
        int first = cache.positions();
        for (int layer = 0; layer < layout.layers(); layer++) {
            for (int t = first; t < first + tokens; t++) {
                keys[layer][t] = gaussian(layout.kvHeads() * layout.keyDim(), 1);
                values[layer][t] = gaussian(layout.kvHeads() * layout.valueDim(), 1);
                queries[layer][t] = gaussian(layout.heads() * layout.keyDim(), 2);
            }
        }
        return replay(tokens);
    }

    /** The same with the tokens remembered for these positions. */
    float[][][] replay(int tokens) {
        int first = cache.begin(tokens);
        float[][][] outs = new float[layout.layers()][][];
        for (int layer = 0; layer < layout.layers(); layer++) {
            outs[layer] = layer(layer, first, tokens);
        }
        cache.commit();
        return outs;
    }

    float[][] layer(int layer, int first, int tokens) {
        MemorySegment k = activations(keys[layer], first, tokens);
        MemorySegment v = activations(values[layer], first, tokens);
        MemorySegment q = activations(queries[layer], first, tokens);
        int channels = layout.heads() * layout.valueDim();
        MemorySegment out = allocate(channels, tokens);
        for (int h = 0; h < layout.kvHeads(); h++) {
            cache.append(layer, h, k, v, tokens);
        }
        int tasks = cache.attentionTasks(layer, tokens);
        for (int task = 0; task < tasks; task++) {
            cache.attend(layer, task, q, out, tokens, scratch);
        }
        cache.merge(layer, out, tokens);
        return rows(out, channels, tokens);
    }

    /** One token as a vector, several as panels of 32. */
    MemorySegment activations(float[][] rows, int first, int tokens) {
        int channels = rows[first].length;
        MemorySegment segment = allocate(channels, tokens);
        for (int t = 0; t < tokens; t++) {
            for (int c = 0; c < channels; c++) {
                segment.setAtIndex(ValueLayout.JAVA_FLOAT, index(t, c, channels, tokens), rows[first + t][c]);
            }
        }
        return segment;
    }

    MemorySegment allocate(int channels, int tokens) {
        long floats = tokens == 1 ? channels : (tokens + LANES - 1L) / LANES * LANES * channels;
        return arena.allocate(4 * floats, 64);
    }

    static float[][] rows(MemorySegment segment, int channels, int tokens) {
        float[][] rows = new float[tokens][channels];
        for (int t = 0; t < tokens; t++) {
            for (int c = 0; c < channels; c++) {
                rows[t][c] = segment.getAtIndex(ValueLayout.JAVA_FLOAT, index(t, c, channels, tokens));
            }
        }
        return rows;
    }

    private static long index(int token, int channel, int channels, int tokens) {
        return tokens == 1 ? channel : ((long) token / LANES * channels + channel) * LANES + token % LANES;
    }

    float[] gaussian(int length, float deviation) {
        float[] x = new float[length];
        for (int i = 0; i < length; i++) {
            x[i] = (float) random.nextGaussian() * deviation;
        }
        return x;
    }

    @Override
    public void close() {
        arena.close();
        cache.close();
    }
}
