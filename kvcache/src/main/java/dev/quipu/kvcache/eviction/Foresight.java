package dev.quipu.kvcache.eviction;

import java.util.Set;

/**
 * What the outputs to come lose with the cell. The queries to come are not known, but rotary positions make them out of two
 * parts: what is asked, and from where. What is asked is taken from the past: the window, the 32 queries before it (the same
 * weight), and up to 32 from all over the sequence (the weight {@code sample}). From where is known: the next positions. So
 * each remembered query {@code q} of position {@code p} is turned to a position {@code t >= end},
 * {@code q' = R(t - p) q}, and attends to all cells. With their weighted mean attention {@code a} and output
 * {@code y = sum of a v}, the score is the leave-one-out error of that output, {@code a_i || (v_i - y) W_O ||_2}.
 *
 * <p>Our own. Without turning, heads that look a fixed distance back or prefer the near are judged from where the window
 * stands: the cells just before it score high and are never asked for again. Related: Devoto et al., "Expected Attention",
 * arXiv 2510.00636, which averages the rotation into a normal distribution of queries; here no distribution is assumed.
 * {@link LeaveOneOut} is the same error as each query of the window sees it.
 *
 * @param horizon positions over which the queries are spread, 1 or more
 * @param sample weight of the queries from all over the sequence, 0 to 1
 * @param memory weight of what the sequence's own queries made of the cell, {@code H / (T G) || v W_O ||_2} with {@code H} all
 *     attention that it has received, of {@code T} queries and the group's {@code G} heads; 0 for none, which needs no notes
 * @param prior weight of a query that looks at all {@code n} cells alike, {@code 1 / n || v W_O ||_2}: what nobody has asked for
 *     yet may be asked for
 * @param pooling of the errors
 */
public record Foresight(int horizon, float sample, float memory, float prior, Pooling pooling) implements Scorer {
    public static final Foresight DEFAULT = new Foresight(32, 0.2f, 0, 0, Pooling.NONE);

    public Foresight {
        if (horizon < 1) {
            throw new IllegalArgumentException("horizon " + horizon);
        }
        if (!(sample >= 0 && sample <= 1)) {
            throw new IllegalArgumentException("sample " + sample);
        }
        if (!(memory >= 0) || !(prior >= 0)) {
            throw new IllegalArgumentException("memory " + memory + ", prior " + prior);
        }
    }

    Foresight withHorizon(int other) {
        return new Foresight(other, sample, memory, prior, pooling);
    }

    Foresight withSample(float other) {
        return new Foresight(horizon, other, memory, prior, pooling);
    }

    Foresight withMemory(float other) {
        return new Foresight(horizon, sample, other, prior, pooling);
    }

    Foresight withPrior(float other) {
        return new Foresight(horizon, sample, memory, other, pooling);
    }

    Foresight withPooling(Pooling other) {
        return new Foresight(horizon, sample, memory, prior, other);
    }

    @Override
    public Set<Statistic> needs() {
        return memory == 0
                ? Set.of(Statistic.FORESEEN_ERROR)
                : Set.of(Statistic.FORESEEN_ERROR, Statistic.ACCUMULATED_ATTENTION);
    }

    @Override
    public void score(HeadObservation head, float[][] scores) {
        for (int g = 0; g < scores.length; g++) {
            System.arraycopy(head.foreseenErrors()[g], 0, scores[g], 0, head.cells());
            if (memory > 0) {
                remember(head, head.squares()[g], scores[g]);
            }
            if (prior > 0) {
                expectAnything(head, head.squares()[g], scores[g]);
            }
            pooling.apply(scores[g], head.pooled(), head.spare());
        }
    }

    private void remember(HeadObservation head, float[] squares, float[] scores) {
        int tokens = head.positions()[head.cells() - 1] + 1;
        float share = memory / tokens / head.group();
        for (int i = 0; i < head.cells(); i++) {
            scores[i] += share * head.accumulated()[i] * (float) Math.sqrt(squares[i]);
        }
    }

    private void expectAnything(HeadObservation head, float[] squares, float[] scores) {
        float share = prior / head.cells();
        for (int i = 0; i < head.cells(); i++) {
            scores[i] += share * (float) Math.sqrt(squares[i]);
        }
    }
}
