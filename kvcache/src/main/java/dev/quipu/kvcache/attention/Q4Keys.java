package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link KeyKernel} for {@link Q4Rows}: lanes are cells, each int eight channels; up to four query heads share each load. Half a
 * word at a time: more would not stay in registers. A block's integer sum is multiplied by the block's scale, of all cells at once.
 */
final class Q4Keys implements KeyKernel {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();

    /** As many shorts as F has lanes. */
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(WIDTH.bits() / 2));

    private static final int HALF = 0x8fffe000;

    @Override
    public float queryScale() {
        return 1;
    }

    /** The queries of a last block that is not whole meet zeros; what they read there is the next query, or padding. */
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
        int padded = (cells + 15) & -16;
        for (int h = 0; h < heads; h++) {
            Arrays.fill(scores, scoresOffset + h * scoresStride, scoresOffset + h * scoresStride + padded, 0);
        }
        for (int cell = 0; cell < cells; cell += F.length()) {
            for (int first = 0; first < keyDim; first += 32) {
                block(address, cell, keyDim, first, q, heads, scores, scoresOffset + cell, scoresStride);
            }
        }
    }

    private static void block(
            long keys, int cell, int keyDim, int first, float[] q, int heads, float[] scores, int s0, int stride) {
        long tile = tile(keys, cell, keyDim);
        long offset = tile + first / 8 * 64L + cell % 16 * 4L;
        long scales = scales(tile, cell, keyDim, first);
        int planes = (Math.min(32, keyDim - first) + 7) / 8;
        int h = 0;
        for (; h + 4 <= heads; h += 4) {
            block4(offset, planes, scales, q, h * keyDim + first, keyDim, scores, s0 + h * stride, stride);
        }
        int q0 = h * keyDim + first;
        switch (heads - h) {
            case 1 -> block1(offset, planes, scales, q, q0, keyDim, scores, s0 + h * stride, stride);
            case 2 -> block2(offset, planes, scales, q, q0, keyDim, scores, s0 + h * stride, stride);
            case 3 -> block3(offset, planes, scales, q, q0, keyDim, scores, s0 + h * stride, stride);
            default -> {}
        }
    }

    private static long tile(long keys, int cell, int keyDim) {
        return keys + cell / 16 * ((64L * ((keyDim + 7) / 8) + 32L * ((keyDim + 31) / 32) + 63) & -64L);
    }

    private static long scales(long tile, int cell, int keyDim, int first) {
        return tile + 64L * ((keyDim + 7) / 8) + first / 32 * 32L + cell % 16 * 2L;
    }

    private static FloatVector scale(long scales) {
        IntVector halves = (IntVector)
                ShortVector.fromMemorySegment(S, ALL, scales, LITTLE_ENDIAN).convertShape(S2I, I, 0);
        return halves.lanewise(LSHL, 16)
                .lanewise(ASHR, 3)
                .and(HALF)
                .reinterpretAsFloats()
                .mul(F16Rows.REBIAS);
    }

    private static void block1(
            long offset, int planes, long scales, float[] q, int q0, int keyDim, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        for (int i = 0; i < 2 * planes; i++) {
            IntVector packed = IntVector.fromMemorySegment(I, ALL, offset + 64L * (i / 2), LITTLE_ENDIAN)
                    .lanewise(LSHL, i % 2 == 0 ? 16 : 0);
            FloatVector k0 =
                    (FloatVector) packed.lanewise(LSHL, 12).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k0.fma(FloatVector.broadcast(F, q[q0 + 4 * i]), a0);
            FloatVector k1 =
                    (FloatVector) packed.lanewise(LSHL, 8).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k1.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 1]), a0);
            FloatVector k2 =
                    (FloatVector) packed.lanewise(LSHL, 4).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k2.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 2]), a0);
            FloatVector k3 = (FloatVector) packed.lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k3.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 3]), a0);
        }
        FloatVector scale = scale(scales);
        a0.fma(scale, FloatVector.fromArray(F, scores, s0)).intoArray(scores, s0);
    }

    private static void block2(
            long offset, int planes, long scales, float[] q, int q0, int keyDim, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        for (int i = 0; i < 2 * planes; i++) {
            IntVector packed = IntVector.fromMemorySegment(I, ALL, offset + 64L * (i / 2), LITTLE_ENDIAN)
                    .lanewise(LSHL, i % 2 == 0 ? 16 : 0);
            FloatVector k0 =
                    (FloatVector) packed.lanewise(LSHL, 12).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k0.fma(FloatVector.broadcast(F, q[q0 + 4 * i]), a0);
            a1 = k0.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i]), a1);
            FloatVector k1 =
                    (FloatVector) packed.lanewise(LSHL, 8).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k1.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 1]), a0);
            a1 = k1.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 1]), a1);
            FloatVector k2 =
                    (FloatVector) packed.lanewise(LSHL, 4).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k2.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 2]), a0);
            a1 = k2.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 2]), a1);
            FloatVector k3 = (FloatVector) packed.lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k3.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 3]), a0);
            a1 = k3.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 3]), a1);
        }
        FloatVector scale = scale(scales);
        a0.fma(scale, FloatVector.fromArray(F, scores, s0)).intoArray(scores, s0);
        a1.fma(scale, FloatVector.fromArray(F, scores, s0 + stride)).intoArray(scores, s0 + stride);
    }

    private static void block3(
            long offset, int planes, long scales, float[] q, int q0, int keyDim, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        for (int i = 0; i < 2 * planes; i++) {
            IntVector packed = IntVector.fromMemorySegment(I, ALL, offset + 64L * (i / 2), LITTLE_ENDIAN)
                    .lanewise(LSHL, i % 2 == 0 ? 16 : 0);
            FloatVector k0 =
                    (FloatVector) packed.lanewise(LSHL, 12).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k0.fma(FloatVector.broadcast(F, q[q0 + 4 * i]), a0);
            a1 = k0.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i]), a1);
            a2 = k0.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 4 * i]), a2);
            FloatVector k1 =
                    (FloatVector) packed.lanewise(LSHL, 8).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k1.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 1]), a0);
            a1 = k1.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 1]), a1);
            a2 = k1.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 4 * i + 1]), a2);
            FloatVector k2 =
                    (FloatVector) packed.lanewise(LSHL, 4).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k2.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 2]), a0);
            a1 = k2.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 2]), a1);
            a2 = k2.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 4 * i + 2]), a2);
            FloatVector k3 = (FloatVector) packed.lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k3.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 3]), a0);
            a1 = k3.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 3]), a1);
            a2 = k3.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 4 * i + 3]), a2);
        }
        FloatVector scale = scale(scales);
        a0.fma(scale, FloatVector.fromArray(F, scores, s0)).intoArray(scores, s0);
        a1.fma(scale, FloatVector.fromArray(F, scores, s0 + stride)).intoArray(scores, s0 + stride);
        a2.fma(scale, FloatVector.fromArray(F, scores, s0 + 2 * stride)).intoArray(scores, s0 + 2 * stride);
    }

    private static void block4(
            long offset, int planes, long scales, float[] q, int q0, int keyDim, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int i = 0; i < 2 * planes; i++) {
            IntVector packed = IntVector.fromMemorySegment(I, ALL, offset + 64L * (i / 2), LITTLE_ENDIAN)
                    .lanewise(LSHL, i % 2 == 0 ? 16 : 0);
            FloatVector k0 =
                    (FloatVector) packed.lanewise(LSHL, 12).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k0.fma(FloatVector.broadcast(F, q[q0 + 4 * i]), a0);
            a1 = k0.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i]), a1);
            a2 = k0.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 4 * i]), a2);
            a3 = k0.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + 4 * i]), a3);
            FloatVector k1 =
                    (FloatVector) packed.lanewise(LSHL, 8).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k1.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 1]), a0);
            a1 = k1.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 1]), a1);
            a2 = k1.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 4 * i + 1]), a2);
            a3 = k1.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + 4 * i + 1]), a3);
            FloatVector k2 =
                    (FloatVector) packed.lanewise(LSHL, 4).lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k2.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 2]), a0);
            a1 = k2.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 2]), a1);
            a2 = k2.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 4 * i + 2]), a2);
            a3 = k2.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + 4 * i + 2]), a3);
            FloatVector k3 = (FloatVector) packed.lanewise(ASHR, 28).convert(I2F, 0);
            a0 = k3.fma(FloatVector.broadcast(F, q[q0 + 4 * i + 3]), a0);
            a1 = k3.fma(FloatVector.broadcast(F, q[q0 + keyDim + 4 * i + 3]), a1);
            a2 = k3.fma(FloatVector.broadcast(F, q[q0 + 2 * keyDim + 4 * i + 3]), a2);
            a3 = k3.fma(FloatVector.broadcast(F, q[q0 + 3 * keyDim + 4 * i + 3]), a3);
        }
        FloatVector scale = scale(scales);
        a0.fma(scale, FloatVector.fromArray(F, scores, s0)).intoArray(scores, s0);
        a1.fma(scale, FloatVector.fromArray(F, scores, s0 + stride)).intoArray(scores, s0 + stride);
        a2.fma(scale, FloatVector.fromArray(F, scores, s0 + 2 * stride)).intoArray(scores, s0 + 2 * stride);
        a3.fma(scale, FloatVector.fromArray(F, scores, s0 + 3 * stride)).intoArray(scores, s0 + 3 * stride);
    }

    @Override
    public void unpack(MemorySegment page, long keys, int cells, int keyDim, float[] tile) {
        long address = page.address() + keys;
        for (int cell = 0; cell < cells; cell += F.length()) {
            long from = tile(address, cell, keyDim);
            for (int first = 0; first < keyDim; first += 32) {
                int planes = (Math.min(32, keyDim - first) + 7) / 8;
                long offset = from + first / 8 * 64L + cell % 16 * 4L;
                unpackBlock(offset, planes, scales(from, cell, keyDim, first), tile, 64 * first + cell);
            }
        }
    }

    private static void unpackBlock(long offset, int planes, long scales, float[] tile, int t0) {
        FloatVector scale = scale(scales);
        for (int i = 0; i < planes; i++) {
            IntVector packed = IntVector.fromMemorySegment(I, ALL, offset + 64L * i, LITTLE_ENDIAN);
            ((FloatVector) packed.lanewise(LSHL, 28).lanewise(ASHR, 28).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, t0 + 512 * i);
            ((FloatVector) packed.lanewise(LSHL, 24).lanewise(ASHR, 28).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, t0 + 512 * i + 64);
            ((FloatVector) packed.lanewise(LSHL, 20).lanewise(ASHR, 28).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, t0 + 512 * i + 128);
            ((FloatVector) packed.lanewise(LSHL, 16).lanewise(ASHR, 28).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, t0 + 512 * i + 192);
            ((FloatVector) packed.lanewise(LSHL, 12).lanewise(ASHR, 28).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, t0 + 512 * i + 256);
            ((FloatVector) packed.lanewise(LSHL, 8).lanewise(ASHR, 28).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, t0 + 512 * i + 320);
            ((FloatVector) packed.lanewise(LSHL, 4).lanewise(ASHR, 28).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, t0 + 512 * i + 384);
            ((FloatVector) packed.lanewise(ASHR, 28).convert(I2F, 0)).mul(scale).intoArray(tile, t0 + 512 * i + 448);
        }
    }
}
