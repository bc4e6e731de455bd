package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.LE;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static jdk.incubator.vector.VectorOperators.B2F;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Weights of Q8_0 blocks as floats: w = d n, with n a signed byte. */
final class Q8_0Unpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 32; block++) {
            long p = from + 34L * block;
            int at = dstOffset + 32 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            for (int i = 0; i < 32; i += LANES) {
                ((FloatVector) ByteVector.fromMemorySegment(B, ALL, p + 2 + i, LE)
                                .convertShape(B2F, F, 0))
                        .mul(d)
                        .intoArray(dst, at + i);
            }
        }
    }
}
