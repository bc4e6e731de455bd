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
        FloatVector sum = FloatVector.zero(F);
        for (int i = offset; i < offset + count; i += F.length()) {
            FloatVector weight = exp(FloatVector.fromArray(F, scores, i).sub(max));
            weight.mul(scale).intoArray(scores, i);
            sum = weight.add(sum);
        }
        // In one method: a helper that C2 does not inline takes a vector on the heap.
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
        long to = weights.address() + weightsOffset;
        for (int token = 0; token < TOKENS; token += F.length()) {
            weigh(scores, token, cells, scale, max, state, to + 4L * token, sum);
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
        for (int token = 0; token < TOKENS; token += F.length()) {
            FloatVector factor = exp(FloatVector.fromArray(F, correction, token));
            factor.intoArray(correction, token);
            FloatVector.fromArray(F, sum, state + token).mul(factor).intoArray(sum, state + token);
        }
    }

    private static void weigh(
            float[] scores, int token, int cells, float scale, float[] max, int state, long weights, float[] sum) {
        FloatVector top = FloatVector.fromArray(F, max, state + token);
        FloatVector total = FloatVector.fromArray(F, sum, state + token);
        FloatVector factor = FloatVector.broadcast(F, scale);
        for (int c = 0; c < cells; c++) {
            FloatVector weight = exp(FloatVector.fromArray(F, scores, c * TOKENS + token)
                    .mul(factor)
                    .sub(top));
            weight.intoMemorySegment(ALL, weights + 128L * c, LITTLE_ENDIAN);
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
        for (int token = 0; token < TOKENS; token += F.length()) {
            normaliseLanes(scores, offset + token, cells, scale, max, sum, state + token);
        }
    }

    private static void normaliseLanes(
            float[] scores, int offset, int cells, float scale, float[] max, float[] sum, int state) {
        FloatVector top = FloatVector.fromArray(F, max, state);
        FloatVector total = FloatVector.fromArray(F, sum, state);
        FloatVector factor = FloatVector.broadcast(F, scale);
        for (int i = offset; i < offset + cells * TOKENS; i += TOKENS) {
            exp(FloatVector.fromArray(F, scores, i).mul(factor).sub(top))
                    .div(total)
                    .intoArray(scores, i);
        }
    }

    private static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.max(Exponential.MIN);
        FloatVector shifted =
                clamped.fma(FloatVector.broadcast(F, Exponential.LOG2_E), FloatVector.broadcast(F, Exponential.ROUND));
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
        return FloatVector.zero(F).blend(power, x.compare(GE, Exponential.MIN));
    }
}
