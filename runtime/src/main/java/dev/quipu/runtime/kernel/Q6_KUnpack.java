package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.LE;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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

/** Weights of Q6_K blocks as floats: w = d scale (n - 32); see {@link Q6_KAvx512}. */
final class Q6_KUnpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 210L * block;
            int at = dstOffset + 256 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p + 208));
            for (int n = 0; n < 2; n++) {
                for (int i = 0; i < 32; i += LANES) {
                    long scale = p + 192 + 8 * n + i / 16;
                    int to = at + 128 * n + i;
                    IntVector a = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 64 * n + i, LE)
                            .convertShape(ZERO_EXTEND_B2I, I, 0));
                    IntVector b = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 64 * n + 32 + i, LE)
                            .convertShape(ZERO_EXTEND_B2I, I, 0));
                    IntVector h = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 128 + 32 * n + i, LE)
                            .convertShape(ZERO_EXTEND_B2I, I, 0));
                    ((FloatVector) a.and(15)
                                    .or(h.lanewise(LSHL, 4).and(48))
                                    .sub(32)
                                    .convertShape(I2F, F, 0))
                            .mul(d * ALL.get(JAVA_BYTE, scale))
                            .intoArray(dst, to);
                    ((FloatVector) b.and(15)
                                    .or(h.lanewise(LSHL, 2).and(48))
                                    .sub(32)
                                    .convertShape(I2F, F, 0))
                            .mul(d * ALL.get(JAVA_BYTE, scale + 2))
                            .intoArray(dst, to + 32);
                    ((FloatVector) a.lanewise(LSHR, 4).or(h.and(48)).sub(32).convertShape(I2F, F, 0))
                            .mul(d * ALL.get(JAVA_BYTE, scale + 4))
                            .intoArray(dst, to + 64);
                    ((FloatVector) b.lanewise(LSHR, 4)
                                    .or(h.lanewise(LSHR, 2).and(48))
                                    .sub(32)
                                    .convertShape(I2F, F, 0))
                            .mul(d * ALL.get(JAVA_BYTE, scale + 6))
                            .intoArray(dst, to + 96);
                }
            }
        }
    }
}
