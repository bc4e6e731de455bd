package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ValueGroup} for rows of any type: lanes are channels, taken in pairs 16 apart. Halves are used as they are in
 * {@link FloatKeys}, and the weights carry the factor. Where a row of F32 is no multiple of 32 channels the last lanes read the
 * next row, and nobody reads those lanes.
 */
final class RowValues implements ValueGroup {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final Class<?> ROWS = SimdWidth.constant(MethodHandles.lookup(), 0, Class.class);
    private static final boolean F32 = ROWS == F32Rows.class;
    private static final boolean F16 = ROWS == F16Rows.class;
    private static final boolean Q8 = ROWS == Q8Rows.class;
    private static final boolean SCALED = !F32 && !F16;
    private static final int HEADS = SimdWidth.constant(MethodHandles.lookup(), 1, Integer.class);

    /** As many bytes as F has lanes; at 128 bits twice as many, for there are no smaller vectors. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, WIDTH.bits() / 4)));

    @Override
    public void accumulate(
            long values,
            int cells,
            int valueDim,
            float[] p,
            int p0,
            int pStride,
            float[] sums,
            int s0,
            int sumsStride) {
        long rowBytes = rowBytes(valueDim);
        for (int block = 0; block < valueDim; block += 32) {
            long scales = scales(values, valueDim, block);
            for (int lane = 0; lane < 16; lane += F.length()) {
                long at = values + offset(block, lane);
                add(at, scales, rowBytes, cells, p, p0, pStride, sums, s0 + block + lane, sumsStride);
            }
        }
    }

    private static long rowBytes(int valueDim) {
        int blocks = (valueDim + 31) / 32;
        return F32 ? 4L * valueDim : blocks * (F16 ? 64L : Q8 ? 34L : 18L);
    }

    /** Where in a row the numbers of a block of 32 channels begin that lanes from {@code lane} on get. */
    private static long offset(int block, int lane) {
        return F32 ? 4L * (block + lane) : F16 ? 2L * block + 4L * lane : Q8 ? block + lane : block / 2 + lane;
    }

    private static long scales(long values, int valueDim, int block) {
        return values + ValueKernel.paddedDim(valueDim) / (Q8 ? 1 : 2) + block / 16;
    }

    private static void add(
            long at,
            long scales,
            long rowBytes,
            int cells,
            float[] p,
            int p0,
            int pStride,
            float[] sums,
            int s0,
            int sumsStride) {
        FloatVector a0 = FloatVector.fromArray(F, sums, s0);
        FloatVector b0 = FloatVector.fromArray(F, sums, s0 + 16);
        FloatVector a1 = HEADS > 1 ? FloatVector.fromArray(F, sums, s0 + sumsStride) : a0;
        FloatVector b1 = HEADS > 1 ? FloatVector.fromArray(F, sums, s0 + sumsStride + 16) : b0;
        FloatVector a2 = HEADS > 2 ? FloatVector.fromArray(F, sums, s0 + 2 * sumsStride) : a0;
        FloatVector b2 = HEADS > 2 ? FloatVector.fromArray(F, sums, s0 + 2 * sumsStride + 16) : b0;
        FloatVector a3 = HEADS > 3 ? FloatVector.fromArray(F, sums, s0 + 3 * sumsStride) : a0;
        FloatVector b3 = HEADS > 3 ? FloatVector.fromArray(F, sums, s0 + 3 * sumsStride + 16) : b0;
        for (int c = 0; c < cells; c++) {
            long row = at + c * rowBytes;
            FloatVector low;
            FloatVector high;
            if (F32) {
                low = FloatVector.fromMemorySegment(F, ALL, row, LITTLE_ENDIAN);
                high = FloatVector.fromMemorySegment(F, ALL, row + 64, LITTLE_ENDIAN);
            } else if (F16) {
                IntVector pair = IntVector.fromMemorySegment(I, ALL, row, LITTLE_ENDIAN);
                low = pair.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(F16Rows.SHIFTED)
                        .reinterpretAsFloats();
                high = pair.lanewise(ASHR, 3).and(F16Rows.SHIFTED).reinterpretAsFloats();
            } else if (Q8) {
                low = (FloatVector)
                        ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN).convertShape(B2F, F, 0);
                high = (FloatVector) ByteVector.fromMemorySegment(B, ALL, row + 16, LITTLE_ENDIAN)
                        .convertShape(B2F, F, 0);
            } else {
                IntVector pair = (IntVector)
                        ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN).convertShape(B2I, I, 0);
                low = (FloatVector) pair.lanewise(LSHL, 28).lanewise(ASHR, 28).convert(I2F, 0);
                high = (FloatVector) pair.lanewise(ASHR, 4).convert(I2F, 0);
            }
            if (SCALED) {
                FloatVector scale =
                        FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(RowCodec.SHORT, scales + c * rowBytes)));
                low = low.mul(scale);
                high = high.mul(scale);
            }
            FloatVector w0 = FloatVector.broadcast(F, p[p0 + c]);
            a0 = low.fma(w0, a0);
            b0 = high.fma(w0, b0);
            if (HEADS > 1) {
                FloatVector w1 = FloatVector.broadcast(F, p[p0 + pStride + c]);
                a1 = low.fma(w1, a1);
                b1 = high.fma(w1, b1);
            }
            if (HEADS > 2) {
                FloatVector w2 = FloatVector.broadcast(F, p[p0 + 2 * pStride + c]);
                a2 = low.fma(w2, a2);
                b2 = high.fma(w2, b2);
            }
            if (HEADS > 3) {
                FloatVector w3 = FloatVector.broadcast(F, p[p0 + 3 * pStride + c]);
                a3 = low.fma(w3, a3);
                b3 = high.fma(w3, b3);
            }
        }
        a0.intoArray(sums, s0);
        b0.intoArray(sums, s0 + 16);
        if (HEADS > 1) {
            a1.intoArray(sums, s0 + sumsStride);
            b1.intoArray(sums, s0 + sumsStride + 16);
        }
        if (HEADS > 2) {
            a2.intoArray(sums, s0 + 2 * sumsStride);
            b2.intoArray(sums, s0 + 2 * sumsStride + 16);
        }
        if (HEADS > 3) {
            a3.intoArray(sums, s0 + 3 * sumsStride);
            b3.intoArray(sums, s0 + 3 * sumsStride + 16);
        }
    }

    @Override
    public void unpack(long values, int cells, int valueDim, float[] tile) {
        long rowBytes = rowBytes(valueDim);
        int stride = ValueKernel.paddedDim(valueDim);
        for (int block = 0; block < valueDim; block += 32) {
            long scales = scales(values, valueDim, block);
            for (int lane = 0; lane < 16; lane += F.length()) {
                long at = values + offset(block, lane);
                if (F32 && block + lane + 16 >= valueDim) {
                    unpackLast(at, block + lane, valueDim, cells, tile, stride);
                } else {
                    unpackLanes(at, scales, rowBytes, cells, tile, block + lane, stride);
                }
            }
        }
    }

    private static void unpackLanes(long at, long scales, long rowBytes, int cells, float[] tile, int t0, int stride) {
        for (int c = 0; c < cells; c++) {
            long row = at + c * rowBytes;
            FloatVector low;
            FloatVector high;
            if (F32) {
                low = FloatVector.fromMemorySegment(F, ALL, row, LITTLE_ENDIAN);
                high = FloatVector.fromMemorySegment(F, ALL, row + 64, LITTLE_ENDIAN);
            } else if (F16) {
                IntVector pair = IntVector.fromMemorySegment(I, ALL, row, LITTLE_ENDIAN);
                low = pair.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(F16Rows.SHIFTED)
                        .reinterpretAsFloats()
                        .mul(F16Rows.REBIAS);
                high = pair.lanewise(ASHR, 3)
                        .and(F16Rows.SHIFTED)
                        .reinterpretAsFloats()
                        .mul(F16Rows.REBIAS);
            } else if (Q8) {
                low = (FloatVector)
                        ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN).convertShape(B2F, F, 0);
                high = (FloatVector) ByteVector.fromMemorySegment(B, ALL, row + 16, LITTLE_ENDIAN)
                        .convertShape(B2F, F, 0);
            } else {
                IntVector pair = (IntVector)
                        ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN).convertShape(B2I, I, 0);
                low = (FloatVector) pair.lanewise(LSHL, 28).lanewise(ASHR, 28).convert(I2F, 0);
                high = (FloatVector) pair.lanewise(ASHR, 4).convert(I2F, 0);
            }
            if (SCALED) {
                FloatVector scale =
                        FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(RowCodec.SHORT, scales + c * rowBytes)));
                low = low.mul(scale);
                high = high.mul(scale);
            }
            low.intoArray(tile, t0 + c * stride);
            high.intoArray(tile, t0 + 16 + c * stride);
        }
    }

    /** Lanes of F32 rows without a channel 16 further on. */
    private static void unpackLast(long at, int channel, int valueDim, int cells, float[] tile, int stride) {
        for (int c = 0; c < cells && channel < valueDim; c++) {
            FloatVector.fromMemorySegment(F, ALL, at + 4L * c * valueDim, LITTLE_ENDIAN)
                    .intoArray(tile, channel + c * stride);
        }
    }
}
