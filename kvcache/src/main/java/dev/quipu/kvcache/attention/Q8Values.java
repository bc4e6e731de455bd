package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ValueKernel} for {@link Q8Rows}: lanes are channels, widened from bytes; up to four query heads share each load.
 */
final class Q8Values implements ValueKernel {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();

    /** As many bytes as F has lanes; at 128 bits twice as many, for there are no smaller vectors. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, WIDTH.bits() / 4)));

    @Override
    public float weightScale() {
        return 1;
    }

    @Override
    public void accumulate(
            MemorySegment page,
            long values,
            int cells,
            int valueDim,
            float[] p,
            int pOffset,
            int pStride,
            int heads,
            float[] sums,
            int sumsOffset,
            int sumsStride) {
        long address = page.address() + values;
        long rowBytes = ValueKernel.paddedDim(valueDim) / 32 * 34L;
        for (int block = 0; block < valueDim; block += 32) {
            long scales = address + ValueKernel.paddedDim(valueDim) + block / 16;
            for (int lane = 0; lane < 16; lane += F.length()) {
                long offset = address + block + lane;
                int s0 = sumsOffset + block + lane;
                int h = 0;
                for (; h + 4 <= heads; h += 4) {
                    add4(
                            offset,
                            scales,
                            rowBytes,
                            cells,
                            p,
                            pOffset + h * pStride,
                            pStride,
                            sums,
                            s0 + h * sumsStride,
                            sumsStride);
                }
                int p0 = pOffset + h * pStride;
                s0 += h * sumsStride;
                switch (heads - h) {
                    case 1 -> add1(offset, scales, rowBytes, cells, p, p0, pStride, sums, s0, sumsStride);
                    case 2 -> add2(offset, scales, rowBytes, cells, p, p0, pStride, sums, s0, sumsStride);
                    case 3 -> add3(offset, scales, rowBytes, cells, p, p0, pStride, sums, s0, sumsStride);
                    default -> {}
                }
            }
        }
    }

    private static void add1(
            long offset,
            long scales,
            long rowBytes,
            int cells,
            float[] p,
            int p0,
            int stride,
            float[] sums,
            int s0,
            int sumsStride) {
        FloatVector a0 = FloatVector.fromArray(F, sums, s0);
        FloatVector b0 = FloatVector.fromArray(F, sums, s0 + 16);
        for (int c = 0; c < cells; c++) {
            long row = offset + c * rowBytes;
            FloatVector scale =
                    FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(RowCodec.SHORT, scales + c * rowBytes)));
            FloatVector low = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector high = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row + 16, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector w0 = FloatVector.broadcast(F, p[p0 + c]);
            a0 = low.fma(w0, a0);
            b0 = high.fma(w0, b0);
        }
        a0.intoArray(sums, s0);
        b0.intoArray(sums, s0 + 16);
    }

    private static void add2(
            long offset,
            long scales,
            long rowBytes,
            int cells,
            float[] p,
            int p0,
            int stride,
            float[] sums,
            int s0,
            int sumsStride) {
        FloatVector a0 = FloatVector.fromArray(F, sums, s0);
        FloatVector b0 = FloatVector.fromArray(F, sums, s0 + 16);
        FloatVector a1 = FloatVector.fromArray(F, sums, s0 + sumsStride);
        FloatVector b1 = FloatVector.fromArray(F, sums, s0 + sumsStride + 16);
        for (int c = 0; c < cells; c++) {
            long row = offset + c * rowBytes;
            FloatVector scale =
                    FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(RowCodec.SHORT, scales + c * rowBytes)));
            FloatVector low = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector high = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row + 16, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector w0 = FloatVector.broadcast(F, p[p0 + c]);
            a0 = low.fma(w0, a0);
            b0 = high.fma(w0, b0);
            FloatVector w1 = FloatVector.broadcast(F, p[p0 + stride + c]);
            a1 = low.fma(w1, a1);
            b1 = high.fma(w1, b1);
        }
        a0.intoArray(sums, s0);
        b0.intoArray(sums, s0 + 16);
        a1.intoArray(sums, s0 + sumsStride);
        b1.intoArray(sums, s0 + sumsStride + 16);
    }

    private static void add3(
            long offset,
            long scales,
            long rowBytes,
            int cells,
            float[] p,
            int p0,
            int stride,
            float[] sums,
            int s0,
            int sumsStride) {
        FloatVector a0 = FloatVector.fromArray(F, sums, s0);
        FloatVector b0 = FloatVector.fromArray(F, sums, s0 + 16);
        FloatVector a1 = FloatVector.fromArray(F, sums, s0 + sumsStride);
        FloatVector b1 = FloatVector.fromArray(F, sums, s0 + sumsStride + 16);
        FloatVector a2 = FloatVector.fromArray(F, sums, s0 + 2 * sumsStride);
        FloatVector b2 = FloatVector.fromArray(F, sums, s0 + 2 * sumsStride + 16);
        for (int c = 0; c < cells; c++) {
            long row = offset + c * rowBytes;
            FloatVector scale =
                    FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(RowCodec.SHORT, scales + c * rowBytes)));
            FloatVector low = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector high = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row + 16, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector w0 = FloatVector.broadcast(F, p[p0 + c]);
            a0 = low.fma(w0, a0);
            b0 = high.fma(w0, b0);
            FloatVector w1 = FloatVector.broadcast(F, p[p0 + stride + c]);
            a1 = low.fma(w1, a1);
            b1 = high.fma(w1, b1);
            FloatVector w2 = FloatVector.broadcast(F, p[p0 + 2 * stride + c]);
            a2 = low.fma(w2, a2);
            b2 = high.fma(w2, b2);
        }
        a0.intoArray(sums, s0);
        b0.intoArray(sums, s0 + 16);
        a1.intoArray(sums, s0 + sumsStride);
        b1.intoArray(sums, s0 + sumsStride + 16);
        a2.intoArray(sums, s0 + 2 * sumsStride);
        b2.intoArray(sums, s0 + 2 * sumsStride + 16);
    }

    private static void add4(
            long offset,
            long scales,
            long rowBytes,
            int cells,
            float[] p,
            int p0,
            int stride,
            float[] sums,
            int s0,
            int sumsStride) {
        FloatVector a0 = FloatVector.fromArray(F, sums, s0);
        FloatVector b0 = FloatVector.fromArray(F, sums, s0 + 16);
        FloatVector a1 = FloatVector.fromArray(F, sums, s0 + sumsStride);
        FloatVector b1 = FloatVector.fromArray(F, sums, s0 + sumsStride + 16);
        FloatVector a2 = FloatVector.fromArray(F, sums, s0 + 2 * sumsStride);
        FloatVector b2 = FloatVector.fromArray(F, sums, s0 + 2 * sumsStride + 16);
        FloatVector a3 = FloatVector.fromArray(F, sums, s0 + 3 * sumsStride);
        FloatVector b3 = FloatVector.fromArray(F, sums, s0 + 3 * sumsStride + 16);
        for (int c = 0; c < cells; c++) {
            long row = offset + c * rowBytes;
            FloatVector scale =
                    FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(RowCodec.SHORT, scales + c * rowBytes)));
            FloatVector low = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector high = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row + 16, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector w0 = FloatVector.broadcast(F, p[p0 + c]);
            a0 = low.fma(w0, a0);
            b0 = high.fma(w0, b0);
            FloatVector w1 = FloatVector.broadcast(F, p[p0 + stride + c]);
            a1 = low.fma(w1, a1);
            b1 = high.fma(w1, b1);
            FloatVector w2 = FloatVector.broadcast(F, p[p0 + 2 * stride + c]);
            a2 = low.fma(w2, a2);
            b2 = high.fma(w2, b2);
            FloatVector w3 = FloatVector.broadcast(F, p[p0 + 3 * stride + c]);
            a3 = low.fma(w3, a3);
            b3 = high.fma(w3, b3);
        }
        a0.intoArray(sums, s0);
        b0.intoArray(sums, s0 + 16);
        a1.intoArray(sums, s0 + sumsStride);
        b1.intoArray(sums, s0 + sumsStride + 16);
        a2.intoArray(sums, s0 + 2 * sumsStride);
        b2.intoArray(sums, s0 + 2 * sumsStride + 16);
        a3.intoArray(sums, s0 + 3 * sumsStride);
        b3.intoArray(sums, s0 + 3 * sumsStride + 16);
    }

    @Override
    public void unpack(MemorySegment page, long values, int cells, int valueDim, float[] tile) {
        long address = page.address() + values;
        long rowBytes = ValueKernel.paddedDim(valueDim) / 32 * 34L;
        int stride = ValueKernel.paddedDim(valueDim);
        for (int block = 0; block < valueDim; block += 32) {
            long scales = address + ValueKernel.paddedDim(valueDim) + block / 16;
            for (int lane = 0; lane < 16; lane += F.length()) {
                unpackLanes(address + block + lane, scales, rowBytes, cells, tile, block + lane, stride);
            }
        }
    }

    private static void unpackLanes(
            long offset, long scales, long rowBytes, int cells, float[] tile, int t0, int stride) {
        for (int c = 0; c < cells; c++) {
            long row = offset + c * rowBytes;
            FloatVector scale =
                    FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(RowCodec.SHORT, scales + c * rowBytes)));
            FloatVector low = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            FloatVector high = ((FloatVector) ByteVector.fromMemorySegment(B, ALL, row + 16, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(scale);
            low.intoArray(tile, t0 + c * stride);
            high.intoArray(tile, t0 + 16 + c * stride);
        }
    }
}
