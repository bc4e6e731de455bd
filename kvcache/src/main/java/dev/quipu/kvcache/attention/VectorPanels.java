package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link PanelKernel} in vectors. The product is register-tiled: 8 rows by 32 tokens where there are 32 registers of 16
 * lanes, else 4 rows by 2 vectors of tokens.
 */
final class VectorPanels implements PanelKernel {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final int L = F.length();

    @Override
    public void multiply(
            float[] a,
            int aOffset,
            int rowStride,
            int depthStride,
            int rows,
            int depth,
            MemorySegment x,
            long xOffset,
            float[] c,
            int cOffset) {
        long from = x.address() + xOffset;
        if (L == 16) {
            for (int row = 0; row < rows; row += 8) {
                rows8(a, aOffset + row * rowStride, rowStride, depthStride, depth, from, c, cOffset + row * TOKENS);
            }
        } else {
            for (int row = 0; row < rows; row += 4) {
                for (int token = 0; token < TOKENS; token += 2 * L) {
                    rows4(
                            a,
                            aOffset + row * rowStride,
                            rowStride,
                            depthStride,
                            depth,
                            from + 4L * token,
                            c,
                            cOffset + row * TOKENS + token);
                }
            }
        }
    }

    private static void rows8(
            float[] a, int a0, int rowStride, int depthStride, int depth, long x0, float[] c, int c0) {
        FloatVector c0a = FloatVector.fromArray(F, c, c0);
        FloatVector c0b = FloatVector.fromArray(F, c, c0 + L);
        FloatVector c1a = FloatVector.fromArray(F, c, c0 + 32);
        FloatVector c1b = FloatVector.fromArray(F, c, c0 + 32 + L);
        FloatVector c2a = FloatVector.fromArray(F, c, c0 + 64);
        FloatVector c2b = FloatVector.fromArray(F, c, c0 + 64 + L);
        FloatVector c3a = FloatVector.fromArray(F, c, c0 + 96);
        FloatVector c3b = FloatVector.fromArray(F, c, c0 + 96 + L);
        FloatVector c4a = FloatVector.fromArray(F, c, c0 + 128);
        FloatVector c4b = FloatVector.fromArray(F, c, c0 + 128 + L);
        FloatVector c5a = FloatVector.fromArray(F, c, c0 + 160);
        FloatVector c5b = FloatVector.fromArray(F, c, c0 + 160 + L);
        FloatVector c6a = FloatVector.fromArray(F, c, c0 + 192);
        FloatVector c6b = FloatVector.fromArray(F, c, c0 + 192 + L);
        FloatVector c7a = FloatVector.fromArray(F, c, c0 + 224);
        FloatVector c7b = FloatVector.fromArray(F, c, c0 + 224 + L);
        int a1 = a0 + rowStride;
        int a2 = a0 + 2 * rowStride;
        int a3 = a0 + 3 * rowStride;
        int a4 = a0 + 4 * rowStride;
        int a5 = a0 + 5 * rowStride;
        int a6 = a0 + 6 * rowStride;
        int a7 = a0 + 7 * rowStride;
        for (int k = 0; k < depth; k++) {
            int w = k * depthStride;
            FloatVector xa = FloatVector.fromMemorySegment(F, ALL, x0 + 128L * k, LITTLE_ENDIAN);
            FloatVector xb = FloatVector.fromMemorySegment(F, ALL, x0 + 128L * k + 4L * L, LITTLE_ENDIAN);
            FloatVector w0 = FloatVector.broadcast(F, a[a0 + w]);
            c0a = xa.fma(w0, c0a);
            c0b = xb.fma(w0, c0b);
            FloatVector w1 = FloatVector.broadcast(F, a[a1 + w]);
            c1a = xa.fma(w1, c1a);
            c1b = xb.fma(w1, c1b);
            FloatVector w2 = FloatVector.broadcast(F, a[a2 + w]);
            c2a = xa.fma(w2, c2a);
            c2b = xb.fma(w2, c2b);
            FloatVector w3 = FloatVector.broadcast(F, a[a3 + w]);
            c3a = xa.fma(w3, c3a);
            c3b = xb.fma(w3, c3b);
            FloatVector w4 = FloatVector.broadcast(F, a[a4 + w]);
            c4a = xa.fma(w4, c4a);
            c4b = xb.fma(w4, c4b);
            FloatVector w5 = FloatVector.broadcast(F, a[a5 + w]);
            c5a = xa.fma(w5, c5a);
            c5b = xb.fma(w5, c5b);
            FloatVector w6 = FloatVector.broadcast(F, a[a6 + w]);
            c6a = xa.fma(w6, c6a);
            c6b = xb.fma(w6, c6b);
            FloatVector w7 = FloatVector.broadcast(F, a[a7 + w]);
            c7a = xa.fma(w7, c7a);
            c7b = xb.fma(w7, c7b);
        }
        c0a.intoArray(c, c0);
        c0b.intoArray(c, c0 + L);
        c1a.intoArray(c, c0 + 32);
        c1b.intoArray(c, c0 + 32 + L);
        c2a.intoArray(c, c0 + 64);
        c2b.intoArray(c, c0 + 64 + L);
        c3a.intoArray(c, c0 + 96);
        c3b.intoArray(c, c0 + 96 + L);
        c4a.intoArray(c, c0 + 128);
        c4b.intoArray(c, c0 + 128 + L);
        c5a.intoArray(c, c0 + 160);
        c5b.intoArray(c, c0 + 160 + L);
        c6a.intoArray(c, c0 + 192);
        c6b.intoArray(c, c0 + 192 + L);
        c7a.intoArray(c, c0 + 224);
        c7b.intoArray(c, c0 + 224 + L);
    }

    private static void rows4(
            float[] a, int a0, int rowStride, int depthStride, int depth, long x0, float[] c, int c0) {
        FloatVector c0a = FloatVector.fromArray(F, c, c0);
        FloatVector c0b = FloatVector.fromArray(F, c, c0 + L);
        FloatVector c1a = FloatVector.fromArray(F, c, c0 + 32);
        FloatVector c1b = FloatVector.fromArray(F, c, c0 + 32 + L);
        FloatVector c2a = FloatVector.fromArray(F, c, c0 + 64);
        FloatVector c2b = FloatVector.fromArray(F, c, c0 + 64 + L);
        FloatVector c3a = FloatVector.fromArray(F, c, c0 + 96);
        FloatVector c3b = FloatVector.fromArray(F, c, c0 + 96 + L);
        int a1 = a0 + rowStride;
        int a2 = a0 + 2 * rowStride;
        int a3 = a0 + 3 * rowStride;
        for (int k = 0; k < depth; k++) {
            int w = k * depthStride;
            FloatVector xa = FloatVector.fromMemorySegment(F, ALL, x0 + 128L * k, LITTLE_ENDIAN);
            FloatVector xb = FloatVector.fromMemorySegment(F, ALL, x0 + 128L * k + 4L * L, LITTLE_ENDIAN);
            FloatVector w0 = FloatVector.broadcast(F, a[a0 + w]);
            c0a = xa.fma(w0, c0a);
            c0b = xb.fma(w0, c0b);
            FloatVector w1 = FloatVector.broadcast(F, a[a1 + w]);
            c1a = xa.fma(w1, c1a);
            c1b = xb.fma(w1, c1b);
            FloatVector w2 = FloatVector.broadcast(F, a[a2 + w]);
            c2a = xa.fma(w2, c2a);
            c2b = xb.fma(w2, c2b);
            FloatVector w3 = FloatVector.broadcast(F, a[a3 + w]);
            c3a = xa.fma(w3, c3a);
            c3b = xb.fma(w3, c3b);
        }
        c0a.intoArray(c, c0);
        c0b.intoArray(c, c0 + L);
        c1a.intoArray(c, c0 + 32);
        c1b.intoArray(c, c0 + 32 + L);
        c2a.intoArray(c, c0 + 64);
        c2b.intoArray(c, c0 + 64 + L);
        c3a.intoArray(c, c0 + 96);
        c3b.intoArray(c, c0 + 96 + L);
    }
}
