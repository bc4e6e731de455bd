package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link KeyGroup} for {@link F32Rows} and {@link F16Rows}: lanes are cells, channels come in pairs. Two halves share an int;
 * a half in its high bits, shifted right by 3 with its sign, is the float 2^112 times too small, a factor that the queries carry.
 */
final class FloatKeys implements KeyGroup {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final boolean HALVES = SimdWidth.constant(MethodHandles.lookup(), 0, Class.class) == F16Rows.class;
    private static final int HEADS = SimdWidth.constant(MethodHandles.lookup(), 1, Integer.class);

    private static final long PAIR_BYTES = HALVES ? 64 : 128;

    @Override
    public void dots(long keys, int cells, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        for (int cell = 0; cell < cells; cell += F.length()) {
            dots(tile(keys, cell, keyDim), keyDim, q, q0, scores, s0 + cell, stride);
        }
    }

    private static long tile(long keys, int cell, int keyDim) {
        return keys + cell / 16 * PAIR_BYTES * (keyDim / 2) + cell % 16 * 4L;
    }

    private static void dots(long tile, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int d = 0; d < keyDim; d += 2) {
            long at = tile + d / 2 * PAIR_BYTES;
            FloatVector low;
            FloatVector high;
            if (HALVES) {
                IntVector pair = IntVector.fromMemorySegment(I, ALL, at, LITTLE_ENDIAN);
                low = pair.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(F16Rows.SHIFTED)
                        .reinterpretAsFloats();
                high = pair.lanewise(ASHR, 3).and(F16Rows.SHIFTED).reinterpretAsFloats();
            } else {
                low = FloatVector.fromMemorySegment(F, ALL, at, LITTLE_ENDIAN);
                high = FloatVector.fromMemorySegment(F, ALL, at + 64, LITTLE_ENDIAN);
            }
            a0 = low.fma(FloatVector.broadcast(F, q[q0 + d]), a0);
            a0 = high.fma(FloatVector.broadcast(F, q[q0 + d + 1]), a0);
            if (HEADS > 1) {
                a1 = low.fma(FloatVector.broadcast(F, q[q0 + keyDim + d]), a1);
                a1 = high.fma(FloatVector.broadcast(F, q[q0 + keyDim + d + 1]), a1);
            }
            if (HEADS > 2) {
                a2 = low.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + d]), a2);
                a2 = high.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + d + 1]), a2);
            }
            if (HEADS > 3) {
                a3 = low.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + d]), a3);
                a3 = high.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + d + 1]), a3);
            }
        }
        a0.intoArray(scores, s0);
        if (HEADS > 1) {
            a1.intoArray(scores, s0 + stride);
        }
        if (HEADS > 2) {
            a2.intoArray(scores, s0 + 2 * stride);
        }
        if (HEADS > 3) {
            a3.intoArray(scores, s0 + 3 * stride);
        }
    }

    @Override
    public void unpack(long keys, int cells, int keyDim, float[] tile) {
        for (int cell = 0; cell < cells; cell += F.length()) {
            unpackLanes(tile(keys, cell, keyDim), keyDim, tile, cell);
        }
    }

    private static void unpackLanes(long from, int keyDim, float[] tile, int cell) {
        for (int d = 0; d < keyDim; d += 2) {
            long at = from + d / 2 * PAIR_BYTES;
            FloatVector low;
            FloatVector high;
            if (HALVES) {
                IntVector pair = IntVector.fromMemorySegment(I, ALL, at, LITTLE_ENDIAN);
                low = pair.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(F16Rows.SHIFTED)
                        .reinterpretAsFloats()
                        .mul(F16Rows.REBIAS);
                high = pair.lanewise(ASHR, 3)
                        .and(F16Rows.SHIFTED)
                        .reinterpretAsFloats()
                        .mul(F16Rows.REBIAS);
            } else {
                low = FloatVector.fromMemorySegment(F, ALL, at, LITTLE_ENDIAN);
                high = FloatVector.fromMemorySegment(F, ALL, at + 64, LITTLE_ENDIAN);
            }
            low.intoArray(tile, 64 * d + cell);
            high.intoArray(tile, 64 * (d + 1) + cell);
        }
    }
}
