package dev.quipu.kvcache.attention;

import static dev.quipu.kvcache.attention.PanelKernel.TOKENS;
import static dev.quipu.kvcache.attention.RowCodec.PAGE_CELLS;
import static dev.quipu.kvcache.simd.NativeMemory.ALL;

/** The definition of {@link LaneKernel}. */
final class ScalarLanes implements LaneKernel {
    @Override
    public void raise(float[] rows, int offset, int cells, float[] max) {
        for (int i = 0; i < cells * TOKENS; i++) {
            max[i % TOKENS] = Math.max(max[i % TOKENS], rows[offset + i]);
        }
    }

    @Override
    public void add(float[] rows, int offset, int cells, float[] sums) {
        for (int i = 0; i < cells * TOKENS; i++) {
            sums[i % TOKENS] += rows[offset + i];
        }
    }

    @Override
    public void sum(float[] rows, int offset, int cells, float[] weights, float[] column, int first) {
        for (int c = 0; c < cells; c++) {
            float sum = 0;
            for (int lane = 0; lane < TOKENS; lane++) {
                sum += weights[lane] * rows[offset + c * TOKENS + lane];
            }
            column[first + c] += sum;
        }
    }

    @Override
    public void sum(long rows, int blocks, int cells, float[] weights, int weightsOffset, float[] column, int first) {
        for (int c = 0; c < cells; c++) {
            float sum = 0;
            for (int block = 0; block < blocks; block++) {
                for (int lane = 0; lane < TOKENS; lane++) {
                    long row = rows + 4L * TOKENS * (block * PAGE_CELLS + c);
                    sum += weights[weightsOffset + block * TOKENS + lane] * ALL.get(RowCodec.FLOAT, row + 4L * lane);
                }
            }
            column[first + c] += sum;
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
            float sum = 0;
            float peak = peaks[first + c];
            for (int query = 0; query < blocks * TOKENS; query++) {
                int row = query / TOKENS * PAGE_CELLS + c;
                float weight = ALL.get(RowCodec.FLOAT, rows + 4L * (TOKENS * row + query % TOKENS));
                float share = shares[sharesOffset + query] * weight;
                sum += weights[query] * share;
                peak = Math.max(peak, share);
            }
            means[first + c] += sum;
            peaks[first + c] = peak;
        }
    }

    @Override
    public void sumProducts(
            float[] rows, int offset, int cells, float[] factors, float[] weights, float[] column, int first) {
        for (int c = 0; c < cells; c++) {
            float sum = 0;
            for (int lane = 0; lane < TOKENS; lane++) {
                sum += weights[lane] * rows[offset + c * TOKENS + lane] * factors[c * TOKENS + lane];
            }
            column[first + c] += sum;
        }
    }

    @Override
    public void distances(float[] cross, int cells, float[] squares, int first, float[] own) {
        for (int i = 0; i < cells * TOKENS; i++) {
            float square = squares[first + i / TOKENS] + own[i % TOKENS] - 2 * cross[i];
            cross[i] = (float) Math.sqrt(Math.max(0, square));
        }
    }

    @Override
    public void sumAbsolutes(float[] values, int rows, float[] sums) {
        for (int i = 0; i < rows * TOKENS; i++) {
            sums[i % TOKENS] += Math.abs(values[i]);
        }
    }

    @Override
    public void sumPairs(float[] a, int aOffset, float[] b, int bOffset, int rows, float[] sums) {
        for (int i = 0; i < rows * TOKENS; i++) {
            sums[i % TOKENS] += a[aOffset + i] * b[bOffset + i];
        }
    }
}
