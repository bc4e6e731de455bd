package dev.quipu.kvcache.eviction;

/** What can be set about scores. */
final class ScorerSettings {
    static final Setting NAME = Setting.of(
            policy -> ScorerName.of(policy.scorer()).text(),
            (policy, value) -> policy.withScorer(
                    Choice.of(ScorerName.values(), ScorerName::text, value).scorer()));

    static final Setting POOL = Setting.ofScorer(
                    SnapKv.class,
                    score -> score.pooling().text(),
                    (score, value) -> new SnapKv(Pooling.parse(value), score.over(), score.across()))
            .or(Setting.ofScorer(
                    Defensive.class,
                    score -> score.pooling().text(),
                    (score, value) -> new Defensive(Pooling.parse(value))))
            .or(Setting.ofScorer(
                    LeaveOneOut.class,
                    score -> score.pooling().text(),
                    (score, value) ->
                            new LeaveOneOut(score.floor(), Pooling.parse(value), score.over(), score.across())))
            .or(Setting.ofScorer(
                    Foresight.class,
                    score -> score.pooling().text(),
                    (score, value) -> score.withPooling(Pooling.parse(value))));

    static final Setting OVER = Setting.ofScorer(
                    SnapKv.class,
                    score -> Choice.text(score.over()),
                    (score, value) -> new SnapKv(score.pooling(), over(value), score.across()))
            .or(Setting.ofScorer(
                    LeaveOneOut.class,
                    score -> Choice.text(score.over()),
                    (score, value) -> new LeaveOneOut(score.floor(), score.pooling(), over(value), score.across())));

    static final Setting ACROSS = Setting.ofScorer(
                    SnapKv.class,
                    score -> Choice.text(score.across()),
                    (score, value) -> new SnapKv(score.pooling(), score.over(), across(value)))
            .or(Setting.ofScorer(
                    LeaveOneOut.class,
                    score -> Choice.text(score.across()),
                    (score, value) -> new LeaveOneOut(score.floor(), score.pooling(), score.over(), across(value))));

    static final Setting FLOOR = Setting.ofScorer(
            LeaveOneOut.class,
            score -> Float.toString(score.floor()),
            (score, value) -> new LeaveOneOut(Float.parseFloat(value), score.pooling(), score.over(), score.across()));

    static final Setting HORIZON = Setting.ofScorer(
            Foresight.class,
            score -> Integer.toString(score.horizon()),
            (score, value) -> score.withHorizon(Integer.parseInt(value)));

    static final Setting SAMPLE = Setting.ofScorer(
            Foresight.class,
            score -> Float.toString(score.sample()),
            (score, value) -> score.withSample(Float.parseFloat(value)));

    static final Setting MEMORY = Setting.ofScorer(
            Foresight.class,
            score -> Float.toString(score.memory()),
            (score, value) -> score.withMemory(Float.parseFloat(value)));

    static final Setting PRIOR = Setting.ofScorer(
            Foresight.class,
            score -> Float.toString(score.prior()),
            (score, value) -> score.withPrior(Float.parseFloat(value)));

    static final Setting SEED = Setting.ofScorer(
            RandomScore.class,
            score -> Long.toString(score.seed()),
            (score, value) -> new RandomScore(Long.parseLong(value)));

    private ScorerSettings() {}

    private static WindowAggregation over(String value) {
        return Choice.of(WindowAggregation.values(), value);
    }

    private static GroupAggregation across(String value) {
        return Choice.of(GroupAggregation.values(), value);
    }
}
