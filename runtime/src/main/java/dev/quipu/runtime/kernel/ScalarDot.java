package dev.quipu.runtime.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** {@link Dot} without vectors. */
final class ScalarDot implements Dot {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public float dot(float[] w, MemorySegment x, long xOffset, int n) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            long at = xOffset + 4L * i;
            a += w[i] * x.get(FLOAT, at);
            b += w[i + 1] * x.get(FLOAT, at + 4);
            c += w[i + 2] * x.get(FLOAT, at + 8);
            d += w[i + 3] * x.get(FLOAT, at + 12);
        }
        for (; i < n; i++) {
            a += w[i] * x.get(FLOAT, xOffset + 4L * i);
        }
        return a + b + (c + d);
    }
}
