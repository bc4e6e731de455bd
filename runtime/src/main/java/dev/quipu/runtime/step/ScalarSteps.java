package dev.quipu.runtime.step;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/** The steps as they are defined, one element at a time, sums in double. */
public final class ScalarSteps implements Steps {
    @Override
    public void rmsNorm(MemorySegment x, float[] weight, float epsilon, MemorySegment y) {
        rmsNorm(x, 0, 1, weight, epsilon, y);
    }

    @Override
    public void rmsNormPanel(
            MemorySegment x, int panel, int from, int to, float[] weight, float epsilon, MemorySegment y) {
        for (int token = from; token < to; token++) {
            rmsNorm(x, (long) panel * weight.length * PANEL + token, PANEL, weight, epsilon, y);
        }
    }

    private static void rmsNorm(
            MemorySegment x, long first, int stride, float[] weight, float epsilon, MemorySegment y) {
        double squares = 0;
        for (int i = 0; i < weight.length; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, first + (long) i * stride);
            squares += (double) value * value;
        }
        float scale = (float) (1 / Math.sqrt(squares / weight.length + epsilon));
        for (int i = 0; i < weight.length; i++) {
            long at = first + (long) i * stride;
            y.setAtIndex(JAVA_FLOAT, at, x.getAtIndex(JAVA_FLOAT, at) * scale * weight[i]);
        }
    }

    @Override
    public void rope(
            MemorySegment x,
            int heads,
            int headLength,
            MemorySegment cos,
            MemorySegment sin,
            int rotated,
            boolean halves) {
        rope(x, 0, 0, 1, heads, headLength, cos, sin, rotated, halves);
    }

    @Override
    public void ropePanel(
            MemorySegment x,
            int panel,
            int heads,
            int from,
            int to,
            int headLength,
            MemorySegment cos,
            MemorySegment sin,
            int rotated,
            boolean halves) {
        long first = ((long) panel * heads + from) * headLength * PANEL;
        long firstAngle = (long) panel * (rotated / 2) * PANEL;
        for (int token = 0; token < PANEL; token++) {
            rope(x, first + token, firstAngle + token, PANEL, to - from, headLength, cos, sin, rotated, halves);
        }
    }

    private static void rope(
            MemorySegment x,
            long first,
            long firstAngle,
            int stride,
            int heads,
            int headLength,
            MemorySegment cos,
            MemorySegment sin,
            int rotated,
            boolean halves) {
        int pairs = rotated / 2;
        for (int head = 0; head < heads; head++) {
            long base = first + (long) head * headLength * stride;
            for (int i = 0; i < pairs; i++) {
                float c = cos.getAtIndex(JAVA_FLOAT, firstAngle + (long) i * stride);
                float s = sin.getAtIndex(JAVA_FLOAT, firstAngle + (long) i * stride);
                long at = base + (long) (halves ? i : 2 * i) * stride;
                long bt = base + (long) (halves ? i + pairs : 2 * i + 1) * stride;
                float a = x.getAtIndex(JAVA_FLOAT, at);
                float b = x.getAtIndex(JAVA_FLOAT, bt);
                x.setAtIndex(JAVA_FLOAT, at, a * c - b * s);
                x.setAtIndex(JAVA_FLOAT, bt, a * s + b * c);
            }
        }
    }

    @Override
    public void swiGlu(MemorySegment gate, MemorySegment up, long from, long to) {
        for (long i = from; i < to; i++) {
            float g = gate.getAtIndex(JAVA_FLOAT, i);
            gate.setAtIndex(JAVA_FLOAT, i, (float) (g / (1 + Math.exp(-g))) * up.getAtIndex(JAVA_FLOAT, i));
        }
    }

    @Override
    public void add(MemorySegment x, MemorySegment y, long from, long to) {
        for (long i = from; i < to; i++) {
            x.setAtIndex(JAVA_FLOAT, i, x.getAtIndex(JAVA_FLOAT, i) + y.getAtIndex(JAVA_FLOAT, i));
        }
    }
}
