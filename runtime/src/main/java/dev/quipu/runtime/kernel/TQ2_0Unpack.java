package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.LE;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
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

/** Weights of TQ2_0 blocks as floats: w = d (n - 1), two bits each. */
final class TQ2_0Unpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 66L * block;
            int at = dstOffset + 256 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p + 64));
            for (int j = 0; j < 8; j++) {
                for (int i = 0; i < 32; i += LANES) {
                    IntVector q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + j / 4 * 32 + i, LE)
                                    .convertShape(ZERO_EXTEND_B2I, I, 0))
                            .lanewise(LSHR, 2 * (j & 3))
                            .and(3)
                            .sub(1);
                    ((FloatVector) q.convertShape(I2F, F, 0)).mul(d).intoArray(dst, at + 32 * j + i);
                }
            }
        }
    }
}
