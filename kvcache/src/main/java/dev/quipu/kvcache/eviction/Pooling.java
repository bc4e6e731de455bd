package dev.quipu.kvcache.eviction;

import java.util.Arrays;

/**
 * One-dimensional pooling over neighbouring cells, which keeps the surroundings of an important cell. Beyond both ends
 * there are zeros, which count.
 *
 * @param kind average, maximum or none
 * @param size cells under the kernel, odd
 */
public record Pooling(Kind kind, int size) {
    public static final Pooling NONE = new Pooling(Kind.NONE, 1);

    public enum Kind {
        NONE,
        AVERAGE,
        MAX
    }

    public Pooling {
        if (size < 1 || size % 2 == 0) {
            throw new IllegalArgumentException("pooling over " + size + " cells; an odd number is needed");
        }
    }

    /** Reads {@code none}, {@code avg5} or {@code max7}. */
    static Pooling parse(String text) {
        if (text.equals("none")) {
            return NONE;
        }
        Kind kind = text.startsWith("avg") ? Kind.AVERAGE : Kind.MAX;
        if (kind == Kind.MAX && !text.startsWith("max")) {
            throw new IllegalArgumentException("pooling '" + text + "'");
        }
        return new Pooling(kind, Integer.parseInt(text.substring(3)));
    }

    /** In the form that {@link #parse} reads. */
    String text() {
        return switch (kind) {
            case NONE -> "none";
            case AVERAGE -> "avg" + size;
            case MAX -> "max" + size;
        };
    }

    /** Pools {@code values[0 .. count)} in place. */
    void apply(float[] values, int count) {
        apply(values, count, new float[0]);
    }

    /**
     * The same.
     *
     * @param spare its content does not matter; if it is too short another array is made
     */
    void apply(float[] values, int count, float[] spare) {
        if (kind == Kind.NONE || size == 1) {
            return;
        }
        int length = count + size - 1;
        float[] source = spare.length < length ? new float[length] : spare;
        Arrays.fill(source, 0, size / 2, 0);
        Arrays.fill(source, size / 2 + count, length, 0);
        System.arraycopy(values, 0, source, size / 2, count);
        System.arraycopy(source, 0, values, 0, count);
        for (int k = 1; k < size; k++) {
            shift(source, k, values, count);
        }
        if (kind == Kind.AVERAGE) {
            for (int i = 0; i < count; i++) {
                values[i] /= size;
            }
        }
    }

    private void shift(float[] source, int k, float[] values, int count) {
        if (kind == Kind.AVERAGE) {
            for (int i = 0; i < count; i++) {
                values[i] += source[i + k];
            }
        } else {
            for (int i = 0; i < count; i++) {
                values[i] = Math.max(values[i], source[i + k]);
            }
        }
    }
}
