package dev.quipu.runtime.matmul;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.kernel.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Matrices of random blocks: every bit pattern of the quants, scales of a sensible size and either sign. */
final class RandomWeights {
    private RandomWeights() {}

    static WeightMatrix matrix(Arena arena, GgmlType type, int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long rowBytes = type.rowBytes(columns);
        MemorySegment data = arena.allocate(rows * rowBytes, 64);
        for (long block = 0; block < data.byteSize(); block += type.blockBytes()) {
            for (long i = block; i < block + type.blockBytes(); i++) {
                data.set(JAVA_BYTE, i, (byte) random.nextInt());
            }
            scales(data, block, type, random);
        }
        return new WeightMatrix("random", type, rows, columns, rowBytes, data);
    }

    /** Sets a block's scales. */
    static void scales(MemorySegment data, long block, GgmlType type, SplittableRandom random) {
        switch (type) {
            case F32 -> data.set(JAVA_FLOAT_UNALIGNED, block, (float) random.nextGaussian());
            case BF16 ->
                data.set(JAVA_SHORT_UNALIGNED, block, (short)
                        (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
            case F16, Q4_0, Q5_0, Q8_0, IQ3_S, IQ4_NL, IQ4_XS -> half(data, block, random);
            case Q4_1, Q5_1, Q4_K, Q5_K -> {
                half(data, block, random);
                half(data, block + 2, random);
            }
            case Q2_K -> {
                half(data, block + 80, random);
                half(data, block + 82, random);
            }
            case Q3_K -> half(data, block + 108, random);
            case Q6_K -> half(data, block + 208, random);
            case TQ1_0 -> half(data, block + 52, random);
            case TQ2_0 -> half(data, block + 64, random);
            case MXFP4 -> data.set(JAVA_BYTE, block, (byte) (120 + random.nextInt(8)));
            case I8, I16, I32, I64, F64 -> throw new IllegalArgumentException(type + " holds no weights");
        }
    }

    private static void half(MemorySegment data, long offset, SplittableRandom random) {
        data.set(JAVA_SHORT_UNALIGNED, offset, Float.floatToFloat16((float) random.nextGaussian() / 16));
    }
}
