package dev.quipu.cli.perplexity;

/** A mean and its standard error, which is 0 for few values. */
record Mean(double value, double error) {
    private static final int FEW = 10;

    /** Of {@code count} values with this sum and sum of squares. */
    static Mean of(double sum, double squares, int count) {
        double mean = sum / count;
        double variance = squares / count - mean * mean;
        return new Mean(mean, variance > 0 && count > FEW ? Math.sqrt(variance / (count - 1)) : 0);
    }

    /** Covariance of two means over the same {@code count} values. */
    static double covariance(double sumA, double sumB, double products, int count) {
        return count < FEW ? 0 : (products / count - sumA / count * (sumB / count)) / (count - 1);
    }

    /** The mean of e to the values, to first order. */
    Mean exp() {
        double e = Math.exp(value);
        return new Mean(e, e * error);
    }
}
