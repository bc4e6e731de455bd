package dev.quipu.runtime.kernel;

import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;

/** Q6_K, w = d scale (n - 32): 32 · 127 · 8 = 32,512 < 2^15. See {@link Q6_KAvx512}. */
final class Q6_KQuants implements QuantUnpacker {
    @Override
    public int group() {
        return 16;
    }

    @Override
    public int limit() {
        return 32;
    }

    @Override
    public boolean hasMinima() {
        return false;
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
        for (int block = 0; block < elements / 256; block++) {
            long p = offset + 210L * block;
            float d = Float.float16ToFloat(w.get(SHORT, p + 208));
            for (int i = 0; i < 16; i++) {
                scales[scalesOffset + 16 * block + i] = d * w.get(JAVA_BYTE, p + 192 + i);
            }
            for (int i = 0; i < 4; i++) {
                long low = p + i / 2 * 64 + i % 2 * 16;
                quarter(w, low, p + 128 + 16L * i, pairs, pairsOffset + 128 * block + i / 2 * 64 + i % 2 * 8);
            }
        }
    }

    /** Sixteen columns of each of the four runs of 32 of a half. */
    private static void quarter(MemorySegment w, long low, long high, int[] pairs, int at) {
        ShortVector a = Quants.bytes(w, low);
        ShortVector b = Quants.bytes(w, low + 32);
        ShortVector h = Quants.bytes(w, high);
        ShortVector h0 = h.and((short) 3).mul((short) 16);
        ShortVector h1 = h.and((short) 12).mul((short) 4);
        Quants.store(a.and((short) 15).or(h0).sub((short) 32), pairs, at);
        Quants.store(b.and((short) 15).or(h1).sub((short) 32), pairs, at + 16);
        Quants.store(Quants.field(a, 4, 15).or(h.and((short) 48)).sub((short) 32), pairs, at + 32);
        Quants.store(Quants.field(b, 4, 15).or(Quants.field(h, 2, 48)).sub((short) 32), pairs, at + 48);
    }
}
