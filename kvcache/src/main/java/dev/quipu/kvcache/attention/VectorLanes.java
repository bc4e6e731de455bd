package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;
import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.MAX;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link LaneKernel} in vectors. What a loop accumulates is the argument of its operations, as in {@link VectorSoftmax}; sums
 * over lanes stand in each method, since a helper that C2 does not inline takes a vector on the heap.
 */
final class VectorLanes implements LaneKernel {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final IntVector SWAP_8 = LaneSwap.of(WIDTH.ints(), 8);
    private static final IntVector SWAP_4 = LaneSwap.of(WIDTH.ints(), 4);
    private static final IntVector SWAP_2 = LaneSwap.of(WIDTH.ints(), 2);
    private static final IntVector SWAP_1 = LaneSwap.of(WIDTH.ints(), 1);

    @Override
    public void raise(float[] rows, int offset, int cells, float[] max) {
        for (int lane = 0; lane < TOKENS; lane += F.length()) {
            FloatVector top = FloatVector.fromArray(F, max, lane);
            for (int i = offset + lane; i < offset + cells * TOKENS; i += TOKENS) {
                top = FloatVector.fromArray(F, rows, i).max(top);
            }
            top.intoArray(max, lane);
        }
    }

    @Override
    public void add(float[] rows, int offset, int cells, float[] sums) {
        for (int lane = 0; lane < TOKENS; lane += F.length()) {
            FloatVector sum = FloatVector.fromArray(F, sums, lane);
            for (int i = offset + lane; i < offset + cells * TOKENS; i += TOKENS) {
                sum = FloatVector.fromArray(F, rows, i).add(sum);
            }
            sum.intoArray(sums, lane);
        }
    }

    @Override
    public void sum(float[] rows, int offset, int cells, float[] weights, float[] column, int first) {
        for (int c = 0; c < cells; c++) {
            FloatVector sum = FloatVector.zero(F);
            for (int lane = 0; lane < TOKENS; lane += F.length()) {
                sum = FloatVector.fromArray(F, rows, offset + c * TOKENS + lane)
                        .fma(FloatVector.fromArray(F, weights, lane), sum);
            }
            FloatVector lanes = FloatVector.zero(F).add(sum);
            if (F.length() == 16) {
                lanes = lanes.add(SWAP_8.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            }
            if (F.length() >= 8) {
                lanes = lanes.add(SWAP_4.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            }
            lanes = lanes.add(SWAP_2.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            lanes = lanes.add(SWAP_1.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            column[first + c] += lanes.lane(0);
        }
    }

    @Override
    public void sum(long rows, int blocks, int cells, float[] weights, int weightsOffset, float[] column, int first) {
        for (int c = 0; c < cells; c++) {
            FloatVector sum = FloatVector.zero(F);
            for (int block = 0; block < blocks; block++) {
                long row = rows + 4L * TOKENS * (block * PAGE_CELLS + c);
                for (int lane = 0; lane < TOKENS; lane += F.length()) {
                    sum = FloatVector.fromMemorySegment(F, ALL, row + 4L * lane, LITTLE_ENDIAN)
                            .fma(FloatVector.fromArray(F, weights, weightsOffset + block * TOKENS + lane), sum);
                }
            }
            FloatVector lanes = FloatVector.zero(F).add(sum);
            if (F.length() == 16) {
                lanes = lanes.add(SWAP_8.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            }
            if (F.length() >= 8) {
                lanes = lanes.add(SWAP_4.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            }
            lanes = lanes.add(SWAP_2.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            lanes = lanes.add(SWAP_1.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            column[first + c] += lanes.lane(0);
        }
    }

    @Override
    public void sumAndPeak(
            long rows,
            int blocks,
            int cells,
            float[] shares,
            int sharesOffset,
            float[] weights,
            float[] means,
            float[] peaks,
            int first) {
        for (int c = 0; c < cells; c++) {
            FloatVector sum = FloatVector.zero(F);
            FloatVector peak = FloatVector.broadcast(F, peaks[first + c]);
            for (int block = 0; block < blocks; block++) {
                long row = rows + 4L * TOKENS * (block * PAGE_CELLS + c);
                for (int lane = 0; lane < TOKENS; lane += F.length()) {
                    FloatVector share = FloatVector.fromMemorySegment(F, ALL, row + 4L * lane, LITTLE_ENDIAN)
                            .mul(FloatVector.fromArray(F, shares, sharesOffset + block * TOKENS + lane));
                    sum = share.fma(FloatVector.fromArray(F, weights, block * TOKENS + lane), sum);
                    peak = share.max(peak);
                }
            }
            FloatVector lanes = FloatVector.zero(F).add(sum);
            if (F.length() == 16) {
                lanes = lanes.add(SWAP_8.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            }
            if (F.length() >= 8) {
                lanes = lanes.add(SWAP_4.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            }
            lanes = lanes.add(SWAP_2.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            lanes = lanes.add(SWAP_1.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            means[first + c] += lanes.lane(0);
            peaks[first + c] = peak.reduceLanes(MAX);
        }
    }

    @Override
    public void sumProducts(
            float[] rows, int offset, int cells, float[] factors, float[] weights, float[] column, int first) {
        for (int c = 0; c < cells; c++) {
            FloatVector sum = FloatVector.zero(F);
            for (int lane = 0; lane < TOKENS; lane += F.length()) {
                FloatVector weighted = FloatVector.fromArray(F, factors, c * TOKENS + lane)
                        .mul(FloatVector.fromArray(F, weights, lane));
                sum = FloatVector.fromArray(F, rows, offset + c * TOKENS + lane).fma(weighted, sum);
            }
            FloatVector lanes = FloatVector.zero(F).add(sum);
            if (F.length() == 16) {
                lanes = lanes.add(SWAP_8.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            }
            if (F.length() >= 8) {
                lanes = lanes.add(SWAP_4.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            }
            lanes = lanes.add(SWAP_2.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            lanes = lanes.add(SWAP_1.selectFrom(lanes.reinterpretAsInts()).reinterpretAsFloats());
            column[first + c] += lanes.lane(0);
        }
    }

    @Override
    public void distances(float[] cross, int cells, float[] squares, int first, float[] own) {
        for (int c = 0; c < cells; c++) {
            FloatVector square = FloatVector.broadcast(F, squares[first + c]);
            for (int i = 0; i < TOKENS; i += F.length()) {
                FloatVector twice =
                        FloatVector.fromArray(F, cross, c * TOKENS + i).mul(2);
                square.add(FloatVector.fromArray(F, own, i))
                        .sub(twice)
                        .max(0)
                        .sqrt()
                        .intoArray(cross, c * TOKENS + i);
            }
        }
    }

    @Override
    public void sumAbsolutes(float[] values, int rows, float[] sums) {
        for (int lane = 0; lane < TOKENS; lane += F.length()) {
            FloatVector sum = FloatVector.fromArray(F, sums, lane);
            for (int i = lane; i < rows * TOKENS; i += TOKENS) {
                sum = FloatVector.fromArray(F, values, i).abs().add(sum);
            }
            sum.intoArray(sums, lane);
        }
    }

    @Override
    public void sumPairs(float[] a, int aOffset, float[] b, int bOffset, int rows, float[] sums) {
        for (int lane = 0; lane < TOKENS; lane += F.length()) {
            FloatVector sum = FloatVector.fromArray(F, sums, lane);
            for (int i = lane; i < rows * TOKENS; i += TOKENS) {
                sum = FloatVector.fromArray(F, a, aOffset + i).fma(FloatVector.fromArray(F, b, bOffset + i), sum);
            }
            sum.intoArray(sums, lane);
        }
    }
}
