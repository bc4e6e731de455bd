package dev.quipu.kvcache.eviction;

/** How what a cell is worth to the query heads of its group becomes one number. */
public enum GroupAggregation {
    /** The bound of the group: the output perturbations of its heads add. */
    SUM {
        @Override
        float combine(float a, float b) {
            return a + b;
        }
    },
    /** The worst case of the group. */
    MAX {
        @Override
        float combine(float a, float b) {
            return Math.max(a, b);
        }
    };

    abstract float combine(float a, float b);

    /** Combines {@code values[group][count]}. */
    float[] combine(float[][] values, int count) {
        float[] result = new float[count];
        combine(values, count, result, 0);
        return result;
    }

    /** Combines {@code values[group][count]} into {@code result}, from index {@code first}. */
    void combine(float[][] values, int count, float[] result, int first) {
        System.arraycopy(values[0], 0, result, first, count);
        for (int g = 1; g < values.length; g++) {
            for (int i = 0; i < count; i++) {
                result[first + i] = combine(result[first + i], values[g][i]);
            }
        }
    }
}
