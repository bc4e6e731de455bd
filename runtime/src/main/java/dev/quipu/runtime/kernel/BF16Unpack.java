package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Weights of BF16 rows as floats, whose upper halves they are. */
final class BF16Unpack implements Unpacker {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(WIDTH.bits() / 2));
    private static final int LANES = I.length();

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        int i = 0;
        for (; i + LANES <= elements; i += LANES) {
            IntVector h = ((IntVector) ShortVector.fromMemorySegment(S, ALL, from + 2L * i, LE)
                            .convertShape(ZERO_EXTEND_S2I, I, 0))
                    .lanewise(LSHL, 16);
            h.reinterpretAsFloats().intoArray(dst, dstOffset + i);
        }
        for (; i < elements; i++) {
            dst[dstOffset + i] = Float.intBitsToFloat(ALL.get(SHORT, from + 2L * i) << 16);
        }
    }
}
