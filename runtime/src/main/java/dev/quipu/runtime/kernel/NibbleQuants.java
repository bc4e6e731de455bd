package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Q4_0, w = d (n - 8), and Q4_1, w = d n + m = d (n - 8) + (m + 8 d): 8 · 4095 < 2^15. */
enum NibbleQuants implements QuantUnpacker {
    Q4_0(18),
    Q4_1(20);

    private static final IntVector CENTRE = Quants.centre(8);

    private final int blockBytes;

    NibbleQuants(int blockBytes) {
        this.blockBytes = blockBytes;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return 8;
    }

    @Override
    public boolean hasMinima() {
        return this == Q4_1;
    }

    @Override
    public void unpack(
            MemorySegment w,
            long offset,
            int[] pairs,
            int pairsOffset,
            float[] scales,
            int scalesOffset,
            float[] minima,
            int minimaOffset,
            int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 32; block++) {
            long p = from + (long) block * blockBytes;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            scales[scalesOffset + block] = d;
            if (this == Q4_1) {
                minima[minimaOffset + block] = 8 * d + Float.float16ToFloat(ALL.get(SHORT, p + 2));
            }
            ShortVector q = Quants.bytes(p + blockBytes - 16);
            int at = pairsOffset + 16 * block;
            Quants.store(q.and(Quants.FIFTEEN), CENTRE, pairs, at);
            Quants.store(Quants.field(q, 4, Quants.FIFTEEN), CENTRE, pairs, at + 8);
        }
    }
}
