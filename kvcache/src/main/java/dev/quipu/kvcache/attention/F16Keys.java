package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link KeyKernel} for {@link F16Rows}: lanes are cells, each int a pair of channels; up to four query heads share each
 * load. A half in the high bits of an int, shifted right by 3 with its sign, is the float 2^112 times too small; the
 * queries carry that factor.
 */
final class F16Keys implements KeyKernel {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();

    /** Sign, exponent and mantissa bits of a half after the shift. */
    private static final int HALF = 0x8fffe000;

    @Override
    public float queryScale() {
        return F16Rows.REBIAS;
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
            long offset = tile(address, cell, keyDim);
            int h = 0;
            for (; h + 4 <= heads; h += 4) {
                dots4(
                        offset,
                        keyDim / 2,
                        keyDim,
                        q,
                        h * keyDim,
                        scores,
                        scoresOffset + h * scoresStride + cell,
                        scoresStride);
            }
            int s0 = scoresOffset + h * scoresStride + cell;
            switch (heads - h) {
                case 1 -> dots1(offset, keyDim / 2, keyDim, q, h * keyDim, scores, s0, scoresStride);
                case 2 -> dots2(offset, keyDim / 2, keyDim, q, h * keyDim, scores, s0, scoresStride);
                case 3 -> dots3(offset, keyDim / 2, keyDim, q, h * keyDim, scores, s0, scoresStride);
                default -> {}
            }
        }
    }

    private static long tile(long keys, int cell, int keyDim) {
        return keys + cell / 16 * 64L * (keyDim / 2) + cell % 16 * 4L;
    }

    private static void dots1(
            long offset, int pairs, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        for (int d = 0; d < pairs; d++) {
            IntVector pair = IntVector.fromMemorySegment(I, ALL, offset + 64L * d, LITTLE_ENDIAN);
            FloatVector low =
                    pair.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
            FloatVector high = pair.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
            a0 = low.fma(FloatVector.broadcast(F, q[q0 + 2 * d]), a0);
            a0 = high.fma(FloatVector.broadcast(F, q[q0 + 2 * d + 1]), a0);
        }
        a0.intoArray(scores, s0);
    }

    private static void dots2(
            long offset, int pairs, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        for (int d = 0; d < pairs; d++) {
            IntVector pair = IntVector.fromMemorySegment(I, ALL, offset + 64L * d, LITTLE_ENDIAN);
            FloatVector low =
                    pair.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
            FloatVector high = pair.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
            a0 = low.fma(FloatVector.broadcast(F, q[q0 + 2 * d]), a0);
            a1 = low.fma(FloatVector.broadcast(F, q[q0 + keyDim + 2 * d]), a1);
            a0 = high.fma(FloatVector.broadcast(F, q[q0 + 2 * d + 1]), a0);
            a1 = high.fma(FloatVector.broadcast(F, q[q0 + keyDim + 2 * d + 1]), a1);
        }
        a0.intoArray(scores, s0);
        a1.intoArray(scores, s0 + stride);
    }

    private static void dots3(
            long offset, int pairs, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        for (int d = 0; d < pairs; d++) {
            IntVector pair = IntVector.fromMemorySegment(I, ALL, offset + 64L * d, LITTLE_ENDIAN);
            FloatVector low =
                    pair.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
            FloatVector high = pair.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
            a0 = low.fma(FloatVector.broadcast(F, q[q0 + 2 * d]), a0);
            a1 = low.fma(FloatVector.broadcast(F, q[q0 + keyDim + 2 * d]), a1);
            a2 = low.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 2 * d]), a2);
            a0 = high.fma(FloatVector.broadcast(F, q[q0 + 2 * d + 1]), a0);
            a1 = high.fma(FloatVector.broadcast(F, q[q0 + keyDim + 2 * d + 1]), a1);
            a2 = high.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 2 * d + 1]), a2);
        }
        a0.intoArray(scores, s0);
        a1.intoArray(scores, s0 + stride);
        a2.intoArray(scores, s0 + 2 * stride);
    }

    private static void dots4(
            long offset, int pairs, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int d = 0; d < pairs; d++) {
            IntVector pair = IntVector.fromMemorySegment(I, ALL, offset + 64L * d, LITTLE_ENDIAN);
            FloatVector low =
                    pair.lanewise(LSHL, 16).lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
            FloatVector high = pair.lanewise(ASHR, 3).and(HALF).reinterpretAsFloats();
            a0 = low.fma(FloatVector.broadcast(F, q[q0 + 2 * d]), a0);
            a1 = low.fma(FloatVector.broadcast(F, q[q0 + keyDim + 2 * d]), a1);
            a2 = low.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 2 * d]), a2);
            a3 = low.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + 2 * d]), a3);
            a0 = high.fma(FloatVector.broadcast(F, q[q0 + 2 * d + 1]), a0);
            a1 = high.fma(FloatVector.broadcast(F, q[q0 + keyDim + 2 * d + 1]), a1);
            a2 = high.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 2 * d + 1]), a2);
            a3 = high.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + 2 * d + 1]), a3);
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
            unpackLanes(tile(address, cell, keyDim), keyDim / 2, tile, cell);
        }
    }

    private static void unpackLanes(long offset, int pairs, float[] tile, int cell) {
        for (int d = 0; d < pairs; d++) {
            IntVector pair = IntVector.fromMemorySegment(I, ALL, offset + 64L * d, LITTLE_ENDIAN);
            pair.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(F16Rows.REBIAS)
                    .intoArray(tile, 128 * d + cell);
            pair.lanewise(ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(F16Rows.REBIAS)
                    .intoArray(tile, 128 * d + 64 + cell);
        }
    }
}
