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

/** Weights of Q4_1 blocks as floats: w = d n + m. */
final class Q4_1Unpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 32; block++) {
            long p = from + 20L * block;
            int at = dstOffset + 32 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            float m = Float.float16ToFloat(ALL.get(SHORT, p + 2));
            for (int i = 0; i < 16; i += LANES) {
                IntVector q = ((IntVector)
                        ByteVector.fromMemorySegment(B, ALL, p + 4 + i, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                ((FloatVector) q.and(15).convertShape(I2F, F, 0)).mul(d).add(m).intoArray(dst, at + i);
                ((FloatVector) q.lanewise(LSHR, 4).convertShape(I2F, F, 0))
                        .mul(d)
                        .add(m)
                        .intoArray(dst, at + 16 + i);
            }
        }
    }
}
