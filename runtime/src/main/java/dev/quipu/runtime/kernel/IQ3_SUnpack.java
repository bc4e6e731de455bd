package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Unpacker.INT;
import static dev.quipu.runtime.kernel.Unpacker.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.quipu.gguf.type.IQ3_S;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights of IQ3_S blocks as floats: w = d (1 + 2 scale) sign grid[index]; {@link IQ3_SRows} has the layout. A point is a vector, at any
 * width.
 */
final class IQ3_SUnpack implements Unpacker {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_128;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_128;

    private static final float[] POINTS = points();

    /** Four sign bits of floats for each of 16 combinations. */
    private static final int[] SIGNS = signs();

    private static float[] points() {
        byte[] bytes = IQ3_S.points();
        float[] points = new float[bytes.length];
        for (int i = 0; i < points.length; i++) {
            points[i] = bytes[i];
        }
        return points;
    }

    private static int[] signs() {
        int[] signs = new int[64];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = i / 4 >>> i % 4 << 31;
        }
        return signs;
    }

    @Override
    public void unpack(MemorySegment w, long offset, float[] dst, int dstOffset, int elements) {
        long from = w.address() + offset;
        for (int block = 0; block < elements / 256; block++) {
            long p = from + 110L * block;
            int at = dstOffset + 256 * block;
            float d = Float.float16ToFloat(ALL.get(SHORT, p));
            int scales = ALL.get(INT, p + 106);
            for (int g = 0; g < 8; g++) {
                FloatVector factor = FloatVector.broadcast(F, d * (1 + 2 * (scales >>> 4 * g & 15)));
                int high = ALL.get(JAVA_BYTE, p + 66 + g) << 8;
                int signs = ALL.get(INT, p + 74 + 4 * g);
                for (int k = 0; k < 8; k++) {
                    int point = ALL.get(JAVA_BYTE, p + 2 + 8 * g + k) & 255 | high >>> k & 256;
                    FloatVector.fromArray(F, POINTS, 4 * point)
                            .mul(factor)
                            .reinterpretAsInts()
                            .lanewise(XOR, IntVector.fromArray(I, SIGNS, 4 * (signs >>> 4 * k & 15)))
                            .reinterpretAsFloats()
                            .intoArray(dst, at + 32 * g + 4 * k);
                }
            }
        }
    }
}
