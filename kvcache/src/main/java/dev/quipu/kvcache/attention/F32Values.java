package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ValueKernel} for {@link F32Rows}: lanes are channels, taken in pairs 16 apart; up to four query heads share each
 * load. Where a row is no multiple of 32 channels the last lanes read the next row, and nobody reads those lanes.
 */
final class F32Values implements ValueKernel {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();

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
        long rowBytes = 4L * valueDim;
        for (int block = 0; block < valueDim; block += 32) {
            for (int lane = 0; lane < 16; lane += F.length()) {
                long offset = address + 4L * (block + lane);
                int s0 = sumsOffset + block + lane;
                int h = 0;
                for (; h + 4 <= heads; h += 4) {
                    add4(
                            offset,
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
                    case 1 -> add1(offset, rowBytes, cells, p, p0, pStride, sums, s0, sumsStride);
                    case 2 -> add2(offset, rowBytes, cells, p, p0, pStride, sums, s0, sumsStride);
                    case 3 -> add3(offset, rowBytes, cells, p, p0, pStride, sums, s0, sumsStride);
                    default -> {}
                }
            }
        }
    }

    private static void add1(
            long offset,
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
            FloatVector low = FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes, LITTLE_ENDIAN);
            FloatVector high = FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes + 64, LITTLE_ENDIAN);
            FloatVector w0 = FloatVector.broadcast(F, p[p0 + c]);
            a0 = low.fma(w0, a0);
            b0 = high.fma(w0, b0);
        }
        a0.intoArray(sums, s0);
        b0.intoArray(sums, s0 + 16);
    }

    private static void add2(
            long offset,
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
            FloatVector low = FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes, LITTLE_ENDIAN);
            FloatVector high = FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes + 64, LITTLE_ENDIAN);
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
            FloatVector low = FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes, LITTLE_ENDIAN);
            FloatVector high = FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes + 64, LITTLE_ENDIAN);
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
            FloatVector low = FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes, LITTLE_ENDIAN);
            FloatVector high = FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes + 64, LITTLE_ENDIAN);
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
        int stride = ValueKernel.paddedDim(valueDim);
        for (int channel = 0; channel < valueDim; channel += F.length()) {
            unpackLanes(address + 4L * channel, 4L * valueDim, cells, tile, channel, stride);
        }
    }

    private static void unpackLanes(long offset, long rowBytes, int cells, float[] tile, int t0, int stride) {
        for (int c = 0; c < cells; c++) {
            FloatVector.fromMemorySegment(F, ALL, offset + c * rowBytes, LITTLE_ENDIAN)
                    .intoArray(tile, t0 + c * stride);
        }
    }
}
