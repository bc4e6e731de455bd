package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;

import java.lang.foreign.MemorySegment;

/** Activations that stay floats. */
enum FloatActivations implements ActivationFormat {
    /** As they are: float[columns]. */
    PLAIN {
        @Override
        public long bytes(int columns) {
            return 0;
        }

        @Override
        public void prepare(MemorySegment x, MemorySegment prepared, int columns) {}
    },
    /** Even columns, then odd ones, each followed by zeros up to a multiple of 16: for lanes of two weights. */
    EVEN_AND_ODD {
        @Override
        public long bytes(int columns) {
            return 2 * odd(columns);
        }

        @Override
        public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
            long from = x.address();
            long to = prepared.address();
            long odd = odd(columns);
            IntegerActivations.clear(to + odd - 64, to + odd);
            IntegerActivations.clear(to + 2 * odd - 64, to + 2 * odd);
            for (int i = 0; i < columns / 2; i++) {
                ALL.set(FLOAT, to + 4L * i, ALL.get(FLOAT, from + 8L * i));
                ALL.set(FLOAT, to + odd + 4L * i, ALL.get(FLOAT, from + 8L * i + 4));
            }
            if (columns % 2 != 0) {
                ALL.set(FLOAT, to + 2L * (columns - 1), ALL.get(FLOAT, from + 4L * (columns - 1)));
            }
        }
    },
    /**
     * Rounded to 16 bits, as a BF16 number has, for {@code fast} precision: an int has an even column's (lower half) and the next
     * one's, and zeros follow up to a multiple of 16 ints. Floats of a wide matrix would not fit the first-level cache next to the
     * stream of weights.
     */
    ROUNDED {
        @Override
        public long bytes(int columns) {
            return odd(columns);
        }

        @Override
        public void prepare(MemorySegment x, MemorySegment prepared, int columns) {
            long from = x.address();
            long to = prepared.address();
            IntegerActivations.clear(to + odd(columns) - 64, to + odd(columns));
            for (int i = 0; i < columns / 2; i++) {
                int even = ALL.get(INT, from + 8L * i) + HALF;
                int next = ALL.get(INT, from + 8L * i + 4) + HALF;
                ALL.set(INT, to + 4L * i, next & UPPER | even >>> 16);
            }
            if (columns % 2 != 0) {
                ALL.set(INT, to + 2L * (columns - 1), ALL.get(INT, from + 4L * (columns - 1)) + HALF >>> 16);
            }
        }
    };

    private static final int UPPER = 0xffff0000;

    /** Added to a float's bits, it rounds the upper ones. */
    private static final int HALF = 0x8000;

    /** Bytes from the even columns to the odd ones. */
    static long odd(int columns) {
        return (columns + 31L) / 32 * 64;
    }
}
