package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link KeyGroup} for {@link Q8Rows} and {@link Q4Rows}: lanes are cells, an int has four channels or eight, of which four are
 * unpacked at a time: more would not stay in registers. A block's sum of integers is multiplied by the block's scale, of all
 * cells at once.
 */
final class IntegerKeys implements KeyGroup {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final boolean NIBBLES = SimdWidth.constant(MethodHandles.lookup(), 0, Class.class) == Q4Rows.class;
    private static final int HEADS = SimdWidth.constant(MethodHandles.lookup(), 1, Integer.class);

    /** As many shorts as F has lanes. */
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(WIDTH.bits() / 2));

    private static final int BITS = NIBBLES ? 4 : 8;
    private static final int INT_CHANNELS = 32 / BITS;

    /** The queries of a last block that is not whole meet zeros; what they read there is the next query, or padding. */
    @Override
    public void dots(long keys, int cells, int keyDim, float[] q, int q0, float[] scores, int s0, int stride) {
        int padded = (cells + 15) & -16;
        for (int h = 0; h < HEADS; h++) {
            Arrays.fill(scores, s0 + h * stride, s0 + h * stride + padded, 0);
        }
        for (int cell = 0; cell < cells; cell += F.length()) {
            long tile = tile(keys, cell, keyDim);
            for (int first = 0; first < keyDim; first += 32) {
                block(
                        ints(tile, cell, first),
                        quads(keyDim, first),
                        scales(tile, cell, keyDim, first),
                        q,
                        q0 + first,
                        keyDim,
                        scores,
                        s0 + cell,
                        stride);
            }
        }
    }

    private static long tile(long keys, int cell, int keyDim) {
        long bytes = 64L * ((keyDim + INT_CHANNELS - 1) / INT_CHANNELS) + 32L * ((keyDim + 31) / 32);
        return keys + cell / 16 * (bytes + 63 & -64L);
    }

    private static long ints(long tile, int cell, int channel) {
        return tile + channel / INT_CHANNELS * 64L + cell % 16 * 4L;
    }

    private static long scales(long tile, int cell, int keyDim, int channel) {
        return tile + 64L * ((keyDim + INT_CHANNELS - 1) / INT_CHANNELS) + channel / 32 * 32L + cell % 16 * 2L;
    }

    /** Steps of four channels of a block, so that its ints are read whole. */
    private static int quads(int keyDim, int first) {
        return (Math.min(32, keyDim - first) + INT_CHANNELS - 1) / INT_CHANNELS * (INT_CHANNELS / 4);
    }

    private static FloatVector scale(long scales) {
        IntVector halves = (IntVector)
                ShortVector.fromMemorySegment(S, ALL, scales, LITTLE_ENDIAN).convertShape(S2I, I, 0);
        return halves.lanewise(LSHL, 16)
                .lanewise(ASHR, 3)
                .and(F16Rows.SHIFTED)
                .reinterpretAsFloats()
                .mul(F16Rows.REBIAS);
    }

    private static void block(
            long ints, int quads, long scales, float[] q, int q0, int keyDim, float[] scores, int s0, int stride) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = FloatVector.zero(F);
        FloatVector a2 = FloatVector.zero(F);
        FloatVector a3 = FloatVector.zero(F);
        for (int i = 0; i < quads; i++) {
            int at = q0 + 4 * i;
            IntVector word = NIBBLES
                    ? IntVector.fromMemorySegment(I, ALL, ints + 64L * (i / 2), LITTLE_ENDIAN)
                            .lanewise(LSHL, i % 2 == 0 ? 16 : 0)
                    : IntVector.fromMemorySegment(I, ALL, ints + 64L * i, LITTLE_ENDIAN);
            FloatVector k = (FloatVector)
                    word.lanewise(LSHL, 3 * BITS).lanewise(ASHR, 32 - BITS).convert(I2F, 0);
            a0 = k.fma(FloatVector.broadcast(F, q[at]), a0);
            if (HEADS > 1) {
                a1 = k.fma(FloatVector.broadcast(F, q[at + keyDim]), a1);
            }
            if (HEADS > 2) {
                a2 = k.fma(FloatVector.broadcast(F, q[at + 2 * keyDim]), a2);
            }
            if (HEADS > 3) {
                a3 = k.fma(FloatVector.broadcast(F, q[at + 3 * keyDim]), a3);
            }
            k = (FloatVector)
                    word.lanewise(LSHL, 2 * BITS).lanewise(ASHR, 32 - BITS).convert(I2F, 0);
            a0 = k.fma(FloatVector.broadcast(F, q[at + 1]), a0);
            if (HEADS > 1) {
                a1 = k.fma(FloatVector.broadcast(F, q[at + keyDim + 1]), a1);
            }
            if (HEADS > 2) {
                a2 = k.fma(FloatVector.broadcast(F, q[at + 2 * keyDim + 1]), a2);
            }
            if (HEADS > 3) {
                a3 = k.fma(FloatVector.broadcast(F, q[at + 3 * keyDim + 1]), a3);
            }
            k = (FloatVector)
                    word.lanewise(LSHL, BITS).lanewise(ASHR, 32 - BITS).convert(I2F, 0);
            a0 = k.fma(FloatVector.broadcast(F, q[at + 2]), a0);
            if (HEADS > 1) {
                a1 = k.fma(FloatVector.broadcast(F, q[at + keyDim + 2]), a1);
            }
            if (HEADS > 2) {
                a2 = k.fma(FloatVector.broadcast(F, q[at + 2 * keyDim + 2]), a2);
            }
            if (HEADS > 3) {
                a3 = k.fma(FloatVector.broadcast(F, q[at + 3 * keyDim + 2]), a3);
            }
            k = (FloatVector) word.lanewise(ASHR, 32 - BITS).convert(I2F, 0);
            a0 = k.fma(FloatVector.broadcast(F, q[at + 3]), a0);
            if (HEADS > 1) {
                a1 = k.fma(FloatVector.broadcast(F, q[at + keyDim + 3]), a1);
            }
            if (HEADS > 2) {
                a2 = k.fma(FloatVector.broadcast(F, q[at + 2 * keyDim + 3]), a2);
            }
            if (HEADS > 3) {
                a3 = k.fma(FloatVector.broadcast(F, q[at + 3 * keyDim + 3]), a3);
            }
        }
        FloatVector scale = scale(scales);
        scale.fma(a0, FloatVector.fromArray(F, scores, s0)).intoArray(scores, s0);
        if (HEADS > 1) {
            scale.fma(a1, FloatVector.fromArray(F, scores, s0 + stride)).intoArray(scores, s0 + stride);
        }
        if (HEADS > 2) {
            scale.fma(a2, FloatVector.fromArray(F, scores, s0 + 2 * stride)).intoArray(scores, s0 + 2 * stride);
        }
        if (HEADS > 3) {
            scale.fma(a3, FloatVector.fromArray(F, scores, s0 + 3 * stride)).intoArray(scores, s0 + 3 * stride);
        }
    }

    @Override
    public void unpack(long keys, int cells, int keyDim, float[] tile) {
        for (int cell = 0; cell < cells; cell += F.length()) {
            long from = tile(keys, cell, keyDim);
            for (int first = 0; first < keyDim; first += 32) {
                unpackBlock(
                        ints(from, cell, first),
                        quads(keyDim, first),
                        scales(from, cell, keyDim, first),
                        tile,
                        64 * first + cell);
            }
        }
    }

    private static void unpackBlock(long ints, int quads, long scales, float[] tile, int t0) {
        FloatVector scale = scale(scales);
        for (int i = 0; i < quads; i++) {
            int at = t0 + 256 * i;
            IntVector word = NIBBLES
                    ? IntVector.fromMemorySegment(I, ALL, ints + 64L * (i / 2), LITTLE_ENDIAN)
                            .lanewise(LSHL, i % 2 == 0 ? 16 : 0)
                    : IntVector.fromMemorySegment(I, ALL, ints + 64L * i, LITTLE_ENDIAN);
            ((FloatVector) word.lanewise(LSHL, 3 * BITS)
                            .lanewise(ASHR, 32 - BITS)
                            .convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, at);
            ((FloatVector) word.lanewise(LSHL, 2 * BITS)
                            .lanewise(ASHR, 32 - BITS)
                            .convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, at + 64);
            ((FloatVector) word.lanewise(LSHL, BITS).lanewise(ASHR, 32 - BITS).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, at + 128);
            ((FloatVector) word.lanewise(ASHR, 32 - BITS).convert(I2F, 0))
                    .mul(scale)
                    .intoArray(tile, at + 192);
        }
    }
}
