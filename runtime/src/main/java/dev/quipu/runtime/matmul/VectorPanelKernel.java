package dev.quipu.runtime.matmul;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Float multiply-adds at any vector width; lanes are tokens, weights are broadcast. A template of {@link SimdWidth}.
 *
 * <p>A micro-kernel keeps the sums of its rows and of two vectors of tokens in registers: 12 rows take 24 of the 32
 * registers of 512 bits, 4 rows 8 of the 16 of narrower ones. Weights and sums are heap arrays because a broadcast from an
 * array is one load, and segments would cost C2 too many nodes here; activations stream from aligned native memory.
 */
final class VectorPanelKernel implements PanelKernel {
    private static final VectorSpecies<Float> F =
            SimdWidth.of(MethodHandles.lookup()).floats();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = F.length();
    private static final int BYTES = LANES * Float.BYTES;
    private static final int PANEL = Tile.PANEL;
    private static final int STRIDE = Tile.STRIDE;
    /** Only 512-bit hardware has 32 registers for certain. */
    private static final boolean WIDE = F.vectorBitSize() == 512;

    VectorPanelKernel() {}

    @Override
    public void accumulate(
            float[] weights, int rows, int columns, MemorySegment x, long xOffset, float[] sums, int sumsOffset) {
        for (int lane = 0; lane < PANEL; lane += 2 * LANES) {
            long from = x.address() + xOffset + (long) lane * Float.BYTES;
            int row = 0;
            for (; WIDE && row + 12 <= rows; row += 12) {
                rows12(weights, row * STRIDE, columns, from, sums, sumsOffset + row * PANEL + lane);
            }
            for (; row < rows; row += 4) {
                rows4(weights, row * STRIDE, columns, from, sums, sumsOffset + row * PANEL + lane);
            }
        }
    }

    /** 12 rows and two vectors of tokens. */
    private static void rows12(float[] weights, int row, int columns, long x, float[] sums, int at) {
        FloatVector s0a = FloatVector.fromArray(F, sums, at);
        FloatVector s0b = FloatVector.fromArray(F, sums, at + LANES);
        FloatVector s1a = FloatVector.fromArray(F, sums, at + PANEL);
        FloatVector s1b = FloatVector.fromArray(F, sums, at + PANEL + LANES);
        FloatVector s2a = FloatVector.fromArray(F, sums, at + 2 * PANEL);
        FloatVector s2b = FloatVector.fromArray(F, sums, at + 2 * PANEL + LANES);
        FloatVector s3a = FloatVector.fromArray(F, sums, at + 3 * PANEL);
        FloatVector s3b = FloatVector.fromArray(F, sums, at + 3 * PANEL + LANES);
        FloatVector s4a = FloatVector.fromArray(F, sums, at + 4 * PANEL);
        FloatVector s4b = FloatVector.fromArray(F, sums, at + 4 * PANEL + LANES);
        FloatVector s5a = FloatVector.fromArray(F, sums, at + 5 * PANEL);
        FloatVector s5b = FloatVector.fromArray(F, sums, at + 5 * PANEL + LANES);
        FloatVector s6a = FloatVector.fromArray(F, sums, at + 6 * PANEL);
        FloatVector s6b = FloatVector.fromArray(F, sums, at + 6 * PANEL + LANES);
        FloatVector s7a = FloatVector.fromArray(F, sums, at + 7 * PANEL);
        FloatVector s7b = FloatVector.fromArray(F, sums, at + 7 * PANEL + LANES);
        FloatVector s8a = FloatVector.fromArray(F, sums, at + 8 * PANEL);
        FloatVector s8b = FloatVector.fromArray(F, sums, at + 8 * PANEL + LANES);
        FloatVector s9a = FloatVector.fromArray(F, sums, at + 9 * PANEL);
        FloatVector s9b = FloatVector.fromArray(F, sums, at + 9 * PANEL + LANES);
        FloatVector s10a = FloatVector.fromArray(F, sums, at + 10 * PANEL);
        FloatVector s10b = FloatVector.fromArray(F, sums, at + 10 * PANEL + LANES);
        FloatVector s11a = FloatVector.fromArray(F, sums, at + 11 * PANEL);
        FloatVector s11b = FloatVector.fromArray(F, sums, at + 11 * PANEL + LANES);
        for (int k = 0; k < columns; k++) {
            long offset = x + k * Tile.PANEL_BYTES;
            int i = row + k;
            FloatVector a = FloatVector.fromMemorySegment(F, ALL, offset, LE);
            FloatVector b = FloatVector.fromMemorySegment(F, ALL, offset + BYTES, LE);
            FloatVector w0 = FloatVector.broadcast(F, weights[i]);
            s0a = w0.fma(a, s0a);
            s0b = w0.fma(b, s0b);
            FloatVector w1 = FloatVector.broadcast(F, weights[i + STRIDE]);
            s1a = w1.fma(a, s1a);
            s1b = w1.fma(b, s1b);
            FloatVector w2 = FloatVector.broadcast(F, weights[i + 2 * STRIDE]);
            s2a = w2.fma(a, s2a);
            s2b = w2.fma(b, s2b);
            FloatVector w3 = FloatVector.broadcast(F, weights[i + 3 * STRIDE]);
            s3a = w3.fma(a, s3a);
            s3b = w3.fma(b, s3b);
            FloatVector w4 = FloatVector.broadcast(F, weights[i + 4 * STRIDE]);
            s4a = w4.fma(a, s4a);
            s4b = w4.fma(b, s4b);
            FloatVector w5 = FloatVector.broadcast(F, weights[i + 5 * STRIDE]);
            s5a = w5.fma(a, s5a);
            s5b = w5.fma(b, s5b);
            FloatVector w6 = FloatVector.broadcast(F, weights[i + 6 * STRIDE]);
            s6a = w6.fma(a, s6a);
            s6b = w6.fma(b, s6b);
            FloatVector w7 = FloatVector.broadcast(F, weights[i + 7 * STRIDE]);
            s7a = w7.fma(a, s7a);
            s7b = w7.fma(b, s7b);
            FloatVector w8 = FloatVector.broadcast(F, weights[i + 8 * STRIDE]);
            s8a = w8.fma(a, s8a);
            s8b = w8.fma(b, s8b);
            FloatVector w9 = FloatVector.broadcast(F, weights[i + 9 * STRIDE]);
            s9a = w9.fma(a, s9a);
            s9b = w9.fma(b, s9b);
            FloatVector w10 = FloatVector.broadcast(F, weights[i + 10 * STRIDE]);
            s10a = w10.fma(a, s10a);
            s10b = w10.fma(b, s10b);
            FloatVector w11 = FloatVector.broadcast(F, weights[i + 11 * STRIDE]);
            s11a = w11.fma(a, s11a);
            s11b = w11.fma(b, s11b);
        }
        s0a.intoArray(sums, at);
        s0b.intoArray(sums, at + LANES);
        s1a.intoArray(sums, at + PANEL);
        s1b.intoArray(sums, at + PANEL + LANES);
        s2a.intoArray(sums, at + 2 * PANEL);
        s2b.intoArray(sums, at + 2 * PANEL + LANES);
        s3a.intoArray(sums, at + 3 * PANEL);
        s3b.intoArray(sums, at + 3 * PANEL + LANES);
        s4a.intoArray(sums, at + 4 * PANEL);
        s4b.intoArray(sums, at + 4 * PANEL + LANES);
        s5a.intoArray(sums, at + 5 * PANEL);
        s5b.intoArray(sums, at + 5 * PANEL + LANES);
        s6a.intoArray(sums, at + 6 * PANEL);
        s6b.intoArray(sums, at + 6 * PANEL + LANES);
        s7a.intoArray(sums, at + 7 * PANEL);
        s7b.intoArray(sums, at + 7 * PANEL + LANES);
        s8a.intoArray(sums, at + 8 * PANEL);
        s8b.intoArray(sums, at + 8 * PANEL + LANES);
        s9a.intoArray(sums, at + 9 * PANEL);
        s9b.intoArray(sums, at + 9 * PANEL + LANES);
        s10a.intoArray(sums, at + 10 * PANEL);
        s10b.intoArray(sums, at + 10 * PANEL + LANES);
        s11a.intoArray(sums, at + 11 * PANEL);
        s11b.intoArray(sums, at + 11 * PANEL + LANES);
    }

    /** 4 rows and two vectors of tokens. */
    private static void rows4(float[] weights, int row, int columns, long x, float[] sums, int at) {
        FloatVector s0a = FloatVector.fromArray(F, sums, at);
        FloatVector s0b = FloatVector.fromArray(F, sums, at + LANES);
        FloatVector s1a = FloatVector.fromArray(F, sums, at + PANEL);
        FloatVector s1b = FloatVector.fromArray(F, sums, at + PANEL + LANES);
        FloatVector s2a = FloatVector.fromArray(F, sums, at + 2 * PANEL);
        FloatVector s2b = FloatVector.fromArray(F, sums, at + 2 * PANEL + LANES);
        FloatVector s3a = FloatVector.fromArray(F, sums, at + 3 * PANEL);
        FloatVector s3b = FloatVector.fromArray(F, sums, at + 3 * PANEL + LANES);
        for (int k = 0; k < columns; k++) {
            long offset = x + k * Tile.PANEL_BYTES;
            int i = row + k;
            FloatVector a = FloatVector.fromMemorySegment(F, ALL, offset, LE);
            FloatVector b = FloatVector.fromMemorySegment(F, ALL, offset + BYTES, LE);
            FloatVector w0 = FloatVector.broadcast(F, weights[i]);
            s0a = w0.fma(a, s0a);
            s0b = w0.fma(b, s0b);
            FloatVector w1 = FloatVector.broadcast(F, weights[i + STRIDE]);
            s1a = w1.fma(a, s1a);
            s1b = w1.fma(b, s1b);
            FloatVector w2 = FloatVector.broadcast(F, weights[i + 2 * STRIDE]);
            s2a = w2.fma(a, s2a);
            s2b = w2.fma(b, s2b);
            FloatVector w3 = FloatVector.broadcast(F, weights[i + 3 * STRIDE]);
            s3a = w3.fma(a, s3a);
            s3b = w3.fma(b, s3b);
        }
        s0a.intoArray(sums, at);
        s0b.intoArray(sums, at + LANES);
        s1a.intoArray(sums, at + PANEL);
        s1b.intoArray(sums, at + PANEL + LANES);
        s2a.intoArray(sums, at + 2 * PANEL);
        s2b.intoArray(sums, at + 2 * PANEL + LANES);
        s3a.intoArray(sums, at + 3 * PANEL);
        s3b.intoArray(sums, at + 3 * PANEL + LANES);
    }

    @Override
    public void store(
            float[] sums,
            int sumsOffset,
            int rows,
            float @Nullable [] bias,
            int biasOffset,
            MemorySegment y,
            long yOffset,
            boolean addToY) {
        if (bias != null) {
            addBias(sums, sumsOffset, rows, bias, biasOffset);
        }
        if (addToY) {
            add(sums, sumsOffset, rows * PANEL, y.address() + yOffset);
        } else {
            copy(sums, sumsOffset, rows * PANEL, y.address() + yOffset);
        }
    }

    private static void addBias(float[] sums, int sumsOffset, int rows, float[] bias, int biasOffset) {
        for (int i = 0; i < rows * PANEL; i += LANES) {
            FloatVector b = FloatVector.broadcast(F, bias[biasOffset + i / PANEL]);
            FloatVector.fromArray(F, sums, sumsOffset + i).add(b).intoArray(sums, sumsOffset + i);
        }
    }

    private static void add(float[] sums, int sumsOffset, int elements, long y) {
        for (int i = 0; i < elements; i += LANES) {
            long at = y + (long) i * Float.BYTES;
            FloatVector.fromMemorySegment(F, ALL, at, LE)
                    .add(FloatVector.fromArray(F, sums, sumsOffset + i))
                    .intoMemorySegment(ALL, at, LE);
        }
    }

    private static void copy(float[] sums, int sumsOffset, int elements, long y) {
        for (int i = 0; i < elements; i += LANES) {
            FloatVector.fromArray(F, sums, sumsOffset + i).intoMemorySegment(ALL, y + (long) i * Float.BYTES, LE);
        }
    }
}
