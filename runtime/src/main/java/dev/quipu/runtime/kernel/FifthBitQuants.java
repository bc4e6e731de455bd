package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.INT;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Q5_0, w = d (n - 16), and Q5_1, w = d n + m = d (n - 16) + (m + 16 d): 16 · 2047 < 2^15. */
enum FifthBitQuants implements QuantUnpacker {
    Q5_0(22),
    Q5_1(24);

    private static final IntVector CENTRE = Quants.centre(16);

    private final int blockBytes;

    FifthBitQuants(int blockBytes) {
        this.blockBytes = blockBytes;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return 16;
    }

    @Override
    public boolean hasMinima() {
        return this == Q5_1;
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
            if (this == Q5_1) {
                minima[minimaOffset + block] = 16 * d + Float.float16ToFloat(ALL.get(SHORT, p + 2));
            }
            int fifth = ALL.get(INT, p + blockBytes - 20);
            ShortVector q = Quants.bytes(p + blockBytes - 16);
            int at = pairsOffset + 16 * block;
            Quants.store(Quants.fifth(q.and(Quants.FIFTEEN), fifth), CENTRE, pairs, at);
            Quants.store(Quants.fifth(Quants.field(q, 4, Quants.FIFTEEN), fifth >>> 16), CENTRE, pairs, at + 8);
        }
    }
}
