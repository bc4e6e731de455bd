package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Q6_K, w = d scale (n - 32): 32 · 1023 < 2^15. See {@link Q6_KAvx512}. */
final class Q6_KQuants implements QuantUnpacker {
    private static final IntVector CENTRE = Quants.centre(32);

    @Override
    public int group() {
        return 16;
    }

    @Override
    public int limit() {
        return 32;
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
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 210L * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p + 208));
            for (int group = 0; group < 16; group++) {
                scales[scalesOffset + 16 * block + group] = d * ALL.get(JAVA_BYTE, p + 192 + group);
                group(p, group, pairs, pairsOffset + 128 * block + 8 * group);
            }
        }
    }

    /** A half of the block has four runs of two groups: two byte runs, whose low and then high nibbles they take, and two bits each of a third. */
    private static void group(long p, int group, int[] pairs, int at) {
        int half = group / 8;
        int run = group / 2 % 4;
        int sixteen = group % 2 * 16;
        ShortVector low = Quants.bytes(p + 64 * half + run % 2 * 32 + sixteen);
        ShortVector high = Quants.bytes(p + 128 + 32 * half + sixteen);
        ShortVector bits = Quants.field(high, 2 * run, Quants.THREE).mul(Quants.SIXTEEN);
        Quants.store(Quants.field(low, run / 2 * 4, Quants.FIFTEEN).or(bits), CENTRE, pairs, at);
    }
}
