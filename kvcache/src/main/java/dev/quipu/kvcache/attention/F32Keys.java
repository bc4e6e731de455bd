package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link KeyKernel} for {@link F32Rows}: lanes are cells; up to four query heads share each load. */
final class F32Keys implements KeyKernel {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();

    @Override
    public float queryScale() {
        return 1;
    }

    @Override
    public void dots(
            MemorySegment page,
            long keys,
            int cells,
            int keyDim,
            float[] q,
            int heads,
            float[] scores,
            int scoresOffset,
            int scoresStride) {
        long address = page.address() + keys;
        for (int cell = 0; cell < cells; cell += F.length()) {
            long offset = address + cell / 16 * 64L * keyDim + cell % 16 * 4L;
            int h = 0;
            for (; h + 4 <= heads; h += 4) {
                dots4(offset, keyDim, q, h * keyDim, scores, scoresOffset + h * scoresStride + cell, scoresStride);
            }
            int s0 = scoresOffset + h * scoresStride + cell;
            switch (heads - h) {
                case 1 -> dots1(offset, keyDim, q, h * keyDim, scores, s0, scoresStride);
                case 2 -> dots2(offset, keyDim, q, h * keyDim, scores, s0, scoresStride);
                case 3 -> dots3(offset, keyDim, q, h * keyDim, scores, s0, scoresStride);
                default -> {}
            }
        }
    }

    private static void dots1(long offset, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        for (int d = 0; d < keyDim; d++) {
            FloatVector k = FloatVector.fromMemorySegment(F, ALL, offset + 64L * d, LITTLE_ENDIAN);
            a0 = k.fma(FloatVector.broadcast(F, q[q0 + d]), a0);
        }
        a0.intoArray(scores, s0);
    }

    private static void dots2(long offset, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        for (int d = 0; d < keyDim; d++) {
            FloatVector k = FloatVector.fromMemorySegment(F, ALL, offset + 64L * d, LITTLE_ENDIAN);
            a0 = k.fma(FloatVector.broadcast(F, q[q0 + d]), a0);
            a1 = k.fma(FloatVector.broadcast(F, q[q0 + keyDim + d]), a1);
        }
        a0.intoArray(scores, s0);
        a1.intoArray(scores, s0 + stride);
    }

    private static void dots3(long offset, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        for (int d = 0; d < keyDim; d++) {
            FloatVector k = FloatVector.fromMemorySegment(F, ALL, offset + 64L * d, LITTLE_ENDIAN);
            a0 = k.fma(FloatVector.broadcast(F, q[q0 + d]), a0);
            a1 = k.fma(FloatVector.broadcast(F, q[q0 + keyDim + d]), a1);
            a2 = k.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + d]), a2);
        }
        a0.intoArray(scores, s0);
        a1.intoArray(scores, s0 + stride);
        a2.intoArray(scores, s0 + 2 * stride);
    }

    private static void dots4(long offset, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int d = 0; d < keyDim; d++) {
            FloatVector k = FloatVector.fromMemorySegment(F, ALL, offset + 64L * d, LITTLE_ENDIAN);
            a0 = k.fma(FloatVector.broadcast(F, q[q0 + d]), a0);
            a1 = k.fma(FloatVector.broadcast(F, q[q0 + keyDim + d]), a1);
            a2 = k.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + d]), a2);
            a3 = k.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + d]), a3);
        }
        a0.intoArray(scores, s0);
        a1.intoArray(scores, s0 + stride);
        a2.intoArray(scores, s0 + 2 * stride);
        a3.intoArray(scores, s0 + 3 * stride);
    }

    @Override
    public void unpack(MemorySegment page, long keys, int cells, int keyDim, float[] tile) {
        long address = page.address() + keys;
        for (int cell = 0; cell < cells; cell += F.length()) {
            unpackLanes(address + cell / 16 * 64L * keyDim + cell % 16 * 4L, keyDim, tile, cell);
        }
    }

    private static void unpackLanes(long offset, int keyDim, float[] tile, int cell) {
        for (int d = 0; d < keyDim; d++) {
            FloatVector.fromMemorySegment(F, ALL, offset + 64L * d, LITTLE_ENDIAN)
                    .intoArray(tile, 64 * d + cell);
        }
    }
}
