package dev.quipu.kvcache.eviction;

import java.util.Locale;

/** The scorers by name, with their defaults. */
enum ScorerName {
    RECENCY(new Recency()),
    H2O(new H2o()),
    TOVA(new Tova()),
    SNAPKV(new SnapKv(new Pooling(Pooling.Kind.MAX, 7))),
    DEFENSIVE(new Defensive(new Pooling(Pooling.Kind.AVERAGE, 5))),
    CORM(new Corm()),
    EXPECTED(new Expected()),
    KEYDIFF(new KeyDiff()),
    LOO(new LeaveOneOut(0, Pooling.NONE)),
    FORESIGHT(Foresight.DEFAULT),
    PEAK(new Peak()),
    RANDOM(new RandomScore(1));

    private final Scorer scorer;

    ScorerName(Scorer scorer) {
        this.scorer = scorer;
    }

    Scorer scorer() {
        return scorer;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ScorerName of(Scorer scorer) {
        return switch (scorer) {
            case Recency _ -> RECENCY;
            case H2o _ -> H2O;
            case Tova _ -> TOVA;
            case SnapKv _ -> SNAPKV;
            case Defensive _ -> DEFENSIVE;
            case Corm _ -> CORM;
            case Expected _ -> EXPECTED;
            case KeyDiff _ -> KEYDIFF;
            case LeaveOneOut _ -> LOO;
            case Foresight _ -> FORESIGHT;
            case Peak _ -> PEAK;
            case RandomScore _ -> RANDOM;
        };
    }
}
