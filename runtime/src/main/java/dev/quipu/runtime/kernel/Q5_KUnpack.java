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

/** Weights of Q5_K blocks as floats: w = d scale n - dmin min; see {@link Q5_KAvx512}. */
final class Q5_KUnpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 176L * block;
            int at = dstOffset + 256 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            float dmin = Float.float16ToFloat(ALL.get(SHORT, p + 2));
            // The eight scales and the eight mins, a byte each.
            int s0 = ALL.get(INT, p + 4);
            int s1 = ALL.get(INT, p + 8);
            int s2 = ALL.get(INT, p + 12);
            long scales = (s0 & 0x3f3f3f3fL) | (long) (s2 & 0x0f0f0f0f | (s0 >>> 6 & 0x03030303) << 4) << 32;
            long mins = (s1 & 0x3f3f3f3fL) | (long) (s2 >>> 4 & 0x0f0f0f0f | (s1 >>> 6 & 0x03030303) << 4) << 32;
            for (int j = 0; j < 8; j += 2) {
                float d0 = d * (scales >>> 8 * j & 63);
                float d1 = d * (scales >>> 8 * j + 8 & 63);
                float m0 = dmin * (mins >>> 8 * j & 63);
                float m1 = dmin * (mins >>> 8 * j + 8 & 63);
                for (int i = 0; i < 32; i += LANES) {
                    IntVector q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 48 + 16 * j + i, LE)
                            .convertShape(ZERO_EXTEND_B2I, I, 0));
                    IntVector h = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 16 + i, LE)
                                    .convertShape(ZERO_EXTEND_B2I, I, 0))
                            .lanewise(LSHR, j);
                    ((FloatVector) q.and(15).or(h.lanewise(LSHL, 4).and(16)).convertShape(I2F, F, 0))
                            .mul(d0)
                            .sub(m0)
                            .intoArray(dst, at + 32 * j + i);
                    ((FloatVector) q.lanewise(LSHR, 4)
                                    .or(h.lanewise(LSHL, 3).and(16))
                                    .convertShape(I2F, F, 0))
                            .mul(d1)
                            .sub(m1)
                            .intoArray(dst, at + 32 * j + 32 + i);
                }
            }
        }
    }
}
