package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** TQ1_0 and TQ2_0, w = d (n - 1), n at most 2 in TQ1_0 and 3 in TQ2_0: 2 · 16,383 < 2^15. */
enum TernaryQuants implements QuantUnpacker {
    TQ1_0(54),
    TQ2_0(66);

    private static final IntVector CENTRE = Quants.centre(1);

    private final int blockBytes;

    TernaryQuants(int blockBytes) {
        this.blockBytes = blockBytes;
    }

    @Override
    public int group() {
        return 32;
    }

    @Override
    public int limit() {
        return 2;
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
            long p = from + (long) block * blockBytes;
            float d = Float.float16ToFloat(ALL.get(SHORT, p + blockBytes - 2));
            Arrays.fill(scales, scalesOffset + 8 * block, scalesOffset + 8 * block + 8, d);
            int at = pairsOffset + 128 * block;
            if (this == TQ2_0) {
                bitPairs(p, pairs, at);
            } else {
                digits(p, pairs, at);
            }
        }
    }

    private static void bitPairs(long p, int[] pairs, int at) {
        for (int i = 0; i < 4; i++) {
            ShortVector q = Quants.bytes(p + 16L * i);
            int to = at + i / 2 * 64 + i % 2 * 8;
            for (int run = 0; run < 4; run++) {
                Quants.store(Quants.field(q, 2 * run, Quants.THREE), CENTRE, pairs, to + 16 * run);
            }
        }
    }

    /** Five base-3 digits in a byte: digit k of b is the carry of 3 (b 3^k mod 256). */
    private static void digits(long p, int[] pairs, int at) {
        for (int i = 0; i < 3; i++) {
            // 32 bytes of five runs of 32 columns, then 16 of five runs of 16.
            ShortVector q = Quants.bytes(p + 16L * i);
            int to = at + (i < 2 ? 8 * i : 80);
            int run = i < 2 ? 16 : 8;
            for (int k = 0; k < 5; k++) {
                q = q.mul((short) 3);
                Quants.store(Quants.field(q, 8, Quants.THREE), CENTRE, pairs, to + k * run);
                q = q.and((short) 255);
            }
        }
        for (int i = 0; i < 4; i += 2) {
            int a = ALL.get(JAVA_BYTE, p + 48 + i) & 255;
            int b = ALL.get(JAVA_BYTE, p + 49 + i) & 255;
            for (int k = 0; k < 4; k++) {
                a *= 3;
                b *= 3;
                pairs[at + 120 + 2 * k + i / 2] = ((b >>> 8) - 1 << 16) + (a >>> 8) - 1;
                a &= 255;
                b &= 255;
            }
        }
    }
}
