package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.INT;
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

/** Weights of IQ4_XS blocks as floats: w = d (scale - 32) value[n], with 6-bit scales for groups of 32, whose low nibbles are the first 16 columns. */
final class IQ4_XSUnpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    private static final int[] VALUES = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** The values that a nibble stands for: the first as many as a vector has lanes, and the last. */
    private static final IntVector FIRST = IntVector.fromArray(I, VALUES, 0);

    private static final IntVector LAST = IntVector.fromArray(I, VALUES, 16 - LANES);

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 136L * block;
            int at = dstOffset + 256 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            int high = ALL.get(SHORT, p + 2);
            int low = ALL.get(INT, p + 4);
            for (int j = 0; j < 8; j++) {
                float scale = d * ((low >>> 4 * j & 15 | (high >>> 2 * j & 3) << 4) - 32);
                for (int i = 0; i < 16; i += LANES) {
                    IntVector q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + 8 + 16 * j + i, LE)
                            .convertShape(ZERO_EXTEND_B2I, I, 0));
                    ((FloatVector) q.and(15).selectFrom(FIRST, LAST).convertShape(I2F, F, 0))
                            .mul(scale)
                            .intoArray(dst, at + 32 * j + i);
                    ((FloatVector) q.lanewise(LSHR, 4).selectFrom(FIRST, LAST).convertShape(I2F, F, 0))
                            .mul(scale)
                            .intoArray(dst, at + 32 * j + 16 + i);
                }
            }
        }
    }
}
