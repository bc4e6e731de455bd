package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.INT;
import static dev.quipu.runtime.kernel.Unpacker.LE;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Weights of Q3_K blocks as floats: w = d (scale - 32) (n - 4); see {@link Q3_KAvx512}. */
final class Q3_KUnpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 110L * block;
            int at = dstOffset + 256 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p + 108));
            // The 16 scales, a byte each.
            int s0 = ALL.get(INT, p + 96);
            int s1 = ALL.get(INT, p + 100);
            int s2 = ALL.get(INT, p + 104);
            long low = (s0 & 0x0f0f0f0f | (s2 & 0x03030303) << 4) & 0xffffffffL
                    | (long) (s1 & 0x0f0f0f0f | (s2 >>> 2 & 0x03030303) << 4) << 32;
            long high = (s0 >>> 4 & 0x0f0f0f0f | (s2 >>> 4 & 0x03030303) << 4) & 0xffffffffL
                    | (long) (s1 >>> 4 & 0x0f0f0f0f | (s2 >>> 6 & 0x03030303) << 4) << 32;
            for (int j = 0; j < 8; j++) {
                long scales = (j < 4 ? low : high) >>> 16 * (j & 3);
                for (int i = 0; i < 32; i += LANES) {
                    float scale = d * ((int) (scales >>> (i / 16) * 8 & 63) - 32);
                    IntVector q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 32 + j / 4 * 32 + i, LE)
                                    .convertShape(ZERO_EXTEND_B2I, I, 0))
                            .lanewise(LSHR, 2 * (j & 3))
                            .and(3);
                    IntVector h = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + i, LE)
                                    .convertShape(ZERO_EXTEND_B2I, I, 0))
                            .lanewise(LSHR, j)
                            .lanewise(LSHL, 2)
                            .and(4);
                    ((FloatVector) q.or(h).sub(4).convertShape(I2F, F, 0))
                            .mul(scale)
                            .intoArray(dst, at + 32 * j + i);
                }
            }
        }
    }
}
