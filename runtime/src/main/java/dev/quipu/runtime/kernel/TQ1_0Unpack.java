package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.LE;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Weights of TQ1_0 blocks as floats: w = d (n - 1), five base-3 digits in a byte: digit k of b is the carry of 3 (b 3^k mod 256). */
final class TQ1_0Unpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 54L * block;
            int at = dstOffset + 256 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p + 52));
            for (int i = 0; i < 32; i += LANES) {
                IntVector q = ((IntVector)
                        ByteVector.fromMemorySegment(B, ALL, p + i, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                for (int n = 0; n < 5; n++) {
                    q = q.mul(3);
                    ((FloatVector) q.lanewise(LSHR, 8).sub(1).convertShape(I2F, F, 0))
                            .mul(d)
                            .intoArray(dst, at + 32 * n + i);
                    q = q.and(255);
                }
            }
            for (int i = 0; i < 16; i += LANES) {
                IntVector q = ((IntVector)
                        ByteVector.fromMemorySegment(B, ALL, p + 32 + i, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                for (int n = 0; n < 5; n++) {
                    q = q.mul(3);
                    ((FloatVector) q.lanewise(LSHR, 8).sub(1).convertShape(I2F, F, 0))
                            .mul(d)
                            .intoArray(dst, at + 160 + 16 * n + i);
                    q = q.and(255);
                }
            }
            for (int i = 0; i < 4; i++) {
                int q = ALL.get(JAVA_BYTE, p + 48 + i) & 255;
                for (int n = 0; n < 4; n++) {
                    q *= 3;
                    dst[at + 240 + 4 * n + i] = ((q >>> 8) - 1) * d;
                    q &= 255;
                }
            }
        }
    }
}
