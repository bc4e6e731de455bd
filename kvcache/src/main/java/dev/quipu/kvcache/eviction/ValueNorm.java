package dev.quipu.kvcache.eviction;

/**
 * Which norm of a projected value stands for what it can do to the output. L1 is the paper's and needs all of W_O for each
 * token; L2 needs only {@code W_O W_O^T}, headDim x headDim for each head.
 */
public enum ValueNorm {
    L1(Statistic.VALUE_NORM),
    L2(Statistic.VALUE_LENGTH);

    private final Statistic statistic;

    ValueNorm(Statistic statistic) {
        this.statistic = statistic;
    }

    Statistic statistic() {
        return statistic;
    }
}
