package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.LE;
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

/** Weights of MXFP4 blocks as floats: w = 2^(e - 128) value[n], e a byte and value twice what four bits of floating point (E2M1) are. */
final class MXFP4Unpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    private static final int[] VALUES = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    /** The values that a nibble stands for: the first as many as a vector has lanes, and the last. */
    private static final IntVector FIRST = IntVector.fromArray(I, VALUES, 0);

    private static final IntVector LAST = IntVector.fromArray(I, VALUES, 16 - LANES);

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 32; block++) {
            long p = from + 17L * block;
            int at = dstOffset + 32 * block;
            float d = Mxfp4.scale(ALL.get(JAVA_BYTE, p));
            for (int i = 0; i < 16; i += LANES) {
                IntVector q = ((IntVector)
                        ByteVector.fromMemorySegment(B, ALL, p + 1 + i, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                ((FloatVector) q.and(15).selectFrom(FIRST, LAST).convertShape(I2F, F, 0))
                        .mul(d)
                        .intoArray(dst, at + i);
                ((FloatVector) q.lanewise(LSHR, 4).selectFrom(FIRST, LAST).convertShape(I2F, F, 0))
                        .mul(d)
                        .intoArray(dst, at + 16 + i);
            }
        }
    }
}
