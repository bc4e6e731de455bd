package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Weights of F16 rows as floats. See {@link Avx512#HALF_MASK}; infinities and NaNs get the exponent that it loses. */
final class F16Unpack implements Unpacker {
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
            IntVector bits = h.lanewise(ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .reinterpretAsInts();
            bits = bits.lanewise(OR, 0x7f800000, h.and(0x7c000000).eq(0x7c000000));
            bits.reinterpretAsFloats().intoArray(dst, dstOffset + i);
        }
        for (; i < elements; i++) {
            dst[dstOffset + i] = Float.float16ToFloat(ALL.get(SHORT, from + 2L * i));
        }
    }
}
