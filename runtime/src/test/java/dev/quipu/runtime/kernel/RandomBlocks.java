package dev.quipu.runtime.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quipu.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Matrices of blocks that no quantiser made: what the quants are, and what the scales are, is up to the test. */
enum RandomBlocks {
    /** Any quants, scales around 0.05 of either sign. */
    ORDINARY,
    /** All bits of the quants set, large scales. */
    ALL_ONES,
    /** No bit of the quants set. */
    ALL_ZEROS,
    ZERO_SCALE,
    /** The smallest scales a half can be. */
    SUBNORMAL_SCALE;

    /** Exactly as large as it must be, so that reading beyond is noticed. */
    WeightMatrix matrix(Arena arena, GgmlType type, int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long rowBytes = type.rowBytes(columns);
        MemorySegment data = arena.allocate(rows * rowBytes, 64);
        for (long i = 0; i < data.byteSize(); i++) {
            int any =
                    switch (this) {
                        case ALL_ONES -> -1;
                        case ALL_ZEROS -> 0;
                        case ORDINARY, ZERO_SCALE, SUBNORMAL_SCALE -> random.nextInt();
                    };
            data.set(JAVA_BYTE, i, (byte) any);
        }
        for (long block = 0; block < data.byteSize(); block += type.blockBytes()) {
            scales(data, block, type, random);
        }
        return new WeightMatrix(type + " " + this, type, rows, columns, rowBytes, data);
    }

    private void scales(MemorySegment data, long block, GgmlType type, SplittableRandom random) {
        switch (type) {
            case F32 -> data.set(JAVA_FLOAT_UNALIGNED, block, scale(random));
            case BF16 -> data.set(JAVA_SHORT_UNALIGNED, block, (short) (Float.floatToRawIntBits(scale(random)) >>> 16));
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
            case MXFP4 ->
                data.set(JAVA_BYTE, block, (byte)
                        (this == SUBNORMAL_SCALE ? random.nextInt(3) : 118 + random.nextInt(12)));
            case I8, I16, I32, I64, F64 -> throw new IllegalArgumentException(type + " cannot hold weights");
        }
    }

    private void half(MemorySegment data, long offset, SplittableRandom random) {
        data.set(JAVA_SHORT_UNALIGNED, offset, Float.floatToFloat16(scale(random)));
    }

    private float scale(SplittableRandom random) {
        float sign = random.nextBoolean() ? 1 : -1;
        return switch (this) {
            case ORDINARY -> (float) random.nextGaussian() * 0.05f;
            case ALL_ONES, ALL_ZEROS -> sign * 100;
            case ZERO_SCALE -> 0;
            case SUBNORMAL_SCALE -> sign * random.nextInt(1, 4) * 0x1p-24f;
        };
    }
}
