package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;

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
    };

    /** Bytes from the even columns to the odd ones. */
    static long odd(int columns) {
        return (columns + 31L) / 32 * 64;
    }
}
