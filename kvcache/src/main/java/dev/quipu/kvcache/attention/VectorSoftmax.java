package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.MAX;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link SoftmaxKernel} in vectors. The exponential is explained in {@link Exponential}.
 *
 * <p>What a loop accumulates is the argument of its operations, never the receiver: C2 does not know the class of a receiver
 * that comes around a loop, and asks the profile that all widths of a process share. Once that has seen three, the operation
 * is a call that allocates.
 */
final class VectorSoftmax implements SoftmaxKernel {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final float[] ZEROS = new float[TOKENS];
    private static final IntVector SWAP_8 = LaneSwap.of(WIDTH.ints(), 8);
    private static final IntVector SWAP_4 = LaneSwap.of(WIDTH.ints(), 4);
    private static final IntVector SWAP_2 = LaneSwap.of(WIDTH.ints(), 2);
    private static final IntVector SWAP_1 = LaneSwap.of(WIDTH.ints(), 1);

    @Override
    public float max(float[] scores, int offset, int count) {
        FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        for (int i = offset; i < offset + count; i += F.length()) {
            max = FloatVector.fromArray(F, scores, i).max(max);
        }
        return max.reduceLanes(MAX);
    }

    @Override
    public float exponentiate(float[] scores, int offset, int count, float max, float scale) {
        for (int i = offset; i < offset + count; i += F.length()) {
            FloatVector.fromArray(F, scores, i).sub(max).intoArray(scores, i);
        }
        exponentials(scores, offset, offset + count, 1, ZEROS, 0);
        FloatVector sum = FloatVector.zero(F);
        for (int i = offset; i < offset + count; i += F.length()) {
            FloatVector weight = FloatVector.fromArray(F, scores, i);
            weight.mul(scale).intoArray(scores, i);
            sum = weight.add(sum);
        }
        FloatVector lanes = FloatVector.zero(F).add(sum);
        if (F.length() == 16) {
            lanes = lanes.add(SWAP_8.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
        }
        if (F.length() >= 8) {
            lanes = lanes.add(SWAP_4.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
        }
        lanes = lanes.add(SWAP_2.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
        lanes = lanes.add(SWAP_1.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
        return lanes.lane(0);
    }

    @Override
    public void addScaled(float[] source, int sourceOffset, float weight, float[] target, int targetOffset, int count) {
        FloatVector w = FloatVector.broadcast(F, weight);
        for (int i = 0; i < count; i += F.length()) {
            FloatVector.fromArray(F, source, sourceOffset + i)
                    .fma(w, FloatVector.fromArray(F, target, targetOffset + i))
                    .intoArray(target, targetOffset + i);
        }
    }

    @Override
    public void addShares(
            float[] weights,
            int offset,
            int stride,
            int heads,
            float[] shares,
            int sharesOffset,
            float scale,
            int count,
            long target) {
        FloatVector factor = FloatVector.broadcast(F, scale);
        for (int i = 0; i < count; i += F.length()) {
            FloatVector sum = FloatVector.zero(F);
            for (int h = 0; h < heads; h++) {
                sum = FloatVector.fromArray(F, weights, offset + h * stride + i)
                        .fma(FloatVector.broadcast(F, shares[sharesOffset + h]), sum);
            }
            FloatVector before = FloatVector.fromMemorySegment(F, ALL, target + 4L * i, LITTLE_ENDIAN);
            factor.fma(sum, before).intoMemorySegment(ALL, target + 4L * i, LITTLE_ENDIAN);
        }
    }

    @Override
    public void panel(
            float[] scores,
            int cells,
            float scale,
            MemorySegment weights,
            long weightsOffset,
            float[] max,
            float[] sum,
            float[] correction,
            int state) {
        for (int token = 0; token < TOKENS; token += F.length()) {
            raise(scores, token, cells, scale, max, correction, state);
        }
        shrink(sum, correction, state);
        exponentials(scores, 0, cells * TOKENS, scale, max, state);
        long to = weights.address() + weightsOffset;
        for (int token = 0; token < TOKENS; token += F.length()) {
            collect(scores, token, cells, to + 4L * token, sum, state);
        }
    }

    /** Brings the maximum up to date, and leaves by how much the old one falls short of it. */
    private static void raise(
            float[] scores, int token, int cells, float scale, float[] max, float[] shortfall, int state) {
        FloatVector top = FloatVector.fromArray(F, scores, token);
        for (int c = 1; c < cells; c++) {
            top = FloatVector.fromArray(F, scores, c * TOKENS + token).max(top);
        }
        FloatVector old = FloatVector.fromArray(F, max, state + token);
        FloatVector raised = FloatVector.broadcast(F, scale).mul(top).max(old);
        old.sub(raised).intoArray(shortfall, token);
        raised.intoArray(max, state + token);
    }

    /** Turns shortfalls into factors, and applies them to the sums. */
    private static void shrink(float[] sum, float[] correction, int state) {
        exponentials(correction, 0, TOKENS, 1, ZEROS, 0);
        for (int token = 0; token < TOKENS; token += F.length()) {
            FloatVector.fromArray(F, sum, state + token)
                    .mul(FloatVector.fromArray(F, correction, token))
                    .intoArray(sum, state + token);
        }
    }

    /** Weights go to native memory, and to their sum. */
    private static void collect(float[] weights, int token, int cells, long to, float[] sum, int state) {
        FloatVector total = FloatVector.fromArray(F, sum, state + token);
        for (int c = 0; c < cells; c++) {
            FloatVector weight = FloatVector.fromArray(F, weights, c * TOKENS + token);
            weight.intoMemorySegment(ALL, to + 128L * c, LITTLE_ENDIAN);
            total = weight.add(total);
        }
        total.intoArray(sum, state + token);
    }

    @Override
    public void rescale(float[] c, int offset, int rows, float[] correction) {
        for (int token = 0; token < TOKENS; token += F.length()) {
            FloatVector shrink = FloatVector.fromArray(F, correction, token);
            for (int i = offset + token; i < offset + rows * TOKENS; i += TOKENS) {
                FloatVector.fromArray(F, c, i).mul(shrink).intoArray(c, i);
            }
        }
    }

    @Override
    public void divide(float[] c, int offset, int rows, float[] sum, int state, MemorySegment out, long outOffset) {
        long to = out.address() + outOffset;
        for (int token = 0; token < TOKENS; token += F.length()) {
            FloatVector total = FloatVector.fromArray(F, sum, state + token);
            for (int row = 0; row < rows; row++) {
                FloatVector.fromArray(F, c, offset + row * TOKENS + token)
                        .div(total)
                        .intoMemorySegment(ALL, to + 128L * row + 4L * token, LITTLE_ENDIAN);
            }
        }
    }

    @Override
    public void normalise(float[] scores, int offset, int cells, float scale, float[] max, float[] sum, int state) {
        exponentials(scores, offset, offset + cells * TOKENS, scale, max, state);
        for (int token = 0; token < TOKENS; token += F.length()) {
            FloatVector total = FloatVector.fromArray(F, sum, state + token);
            for (int i = offset + token; i < offset + cells * TOKENS; i += TOKENS) {
                FloatVector.fromArray(F, scores, i).div(total).intoArray(scores, i);
            }
        }
    }

    /**
     * {@code x[i] = exp(scale * x[i] - top[lane])} from index {@code from} to {@code to}, lane = (i - from) mod 32. All of a kernel's
     * exponentials are taken here, of arrays: a helper that C2 does not inline, as it did not in the middle of much else,
     * takes and returns vectors on the heap.
     */
    private static void exponentials(float[] x, int from, int to, float scale, float[] top, int topAt) {
        FloatVector factor = FloatVector.broadcast(F, scale);
        for (int i = from; i < to; i += F.length()) {
            FloatVector most = FloatVector.fromArray(F, top, topAt + (i - from & TOKENS - 1));
            FloatVector v = FloatVector.fromArray(F, x, i).mul(factor).sub(most);
            FloatVector clamped = v.max(Exponential.MIN);
            FloatVector shifted = clamped.fma(
                    FloatVector.broadcast(F, Exponential.LOG2_E), FloatVector.broadcast(F, Exponential.ROUND));
            FloatVector n = shifted.sub(Exponential.ROUND);
            FloatVector r = n.fma(
                    FloatVector.broadcast(F, -Exponential.LN2_LOW),
                    n.fma(FloatVector.broadcast(F, -Exponential.LN2_HIGH), clamped));
            FloatVector p = FloatVector.broadcast(F, Exponential.C7);
            p = p.fma(r, FloatVector.broadcast(F, Exponential.C6));
            p = p.fma(r, FloatVector.broadcast(F, Exponential.C5));
            p = p.fma(r, FloatVector.broadcast(F, Exponential.C4));
            p = p.fma(r, FloatVector.broadcast(F, Exponential.C3));
            p = p.fma(r, FloatVector.broadcast(F, Exponential.C2));
            p = p.fma(r.mul(r), r).add(1);
            FloatVector power = shifted.reinterpretAsInts()
                    .lanewise(LSHL, 23)
                    .add(p.reinterpretAsInts())
                    .reinterpretAsFloats();
            FloatVector.zero(F).blend(power, v.compare(GE, Exponential.MIN)).intoArray(x, i);
        }
    }
}
