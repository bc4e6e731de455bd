package dev.quipu.kvcache.eviction;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What can be set about a policy by text, and which policies have it. */
public enum PolicyParameter {
    SCORE("score", "name", "how important a cell is") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return Optional.of(ScorerName.of(policy.scorer()).text());
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withScorer(
                    choice(ScorerName.values(), ScorerName::text, value).scorer());
        }
    },
    SELECTION("selection", "topk|critical|staged|lambda|threshold", "which cells stay, given scores and a budget") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return Optional.of(
                    switch (policy.selection()) {
                        case TopK _ -> "topk";
                        case Critical _ -> "critical";
                        case Staged _ -> "staged";
                        case LambdaSweep _ -> "lambda";
                        case Threshold _ -> "threshold";
                    });
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withSelection(
                    switch (value) {
                        case "topk" -> new TopK();
                        case "critical" -> new Critical(0.5f, 1e-4f, false, ValueNorm.L2, false);
                        case "staged" -> new Staged(0.5f);
                        case "lambda" -> new LambdaSweep(ValueNorm.L2);
                        case "threshold" -> new Threshold(256);
                        default -> throw new IllegalArgumentException(value);
                    });
        }
    },
    HEADS("heads", "uniform|ada", "how a layer's cells are split over its heads") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return Optional.of(
                    switch (policy.heads()) {
                        case HeadAllocation.Uniform _ -> "uniform";
                        case HeadAllocation.Ada _ -> "ada";
                    });
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withHeads(
                    switch (value) {
                        case "uniform" -> new HeadAllocation.Uniform();
                        case "ada" -> new HeadAllocation.Ada(0.2f);
                        default -> throw new IllegalArgumentException(value);
                    });
        }
    },
    LAYERS("layers", "uniform|pyramid|prefix|global", "how the cells are split over layers") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return Optional.of(
                    switch (policy.layers()) {
                        case LayerAllocation.Uniform _ -> "uniform";
                        case LayerAllocation.Pyramid _ -> "pyramid";
                        case LayerAllocation.Prefix _ -> "prefix";
                        case LayerAllocation.Global _ -> "global";
                    });
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withLayers(
                    switch (value) {
                        case "uniform" -> new LayerAllocation.Uniform();
                        case "pyramid" -> new LayerAllocation.Pyramid(20);
                        case "prefix" -> new LayerAllocation.Prefix();
                        case "global" -> new LayerAllocation.Global();
                        default -> throw new IllegalArgumentException(value);
                    });
        }
    },
    SINKS("sinks", "integer", "cells at the start that always stay") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return Optional.of(Integer.toString(policy.sinks()));
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withProtected(Integer.parseInt(value), policy.window());
        }
    },
    WINDOW("window", "1 to 32", "cells at the end that always stay, and queries that are observed") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return Optional.of(Integer.toString(policy.window()));
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withProtected(policy.sinks(), Integer.parseInt(value));
        }
    },
    TIES("ties", "early|recent", "which of two cells with equal scores stays") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return Optional.of(text(policy.ties()));
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withTies(choice(Ties.values(), PolicyParameter::text, value));
        }
    },
    POOL("pool", "none|avgN|maxN", "pooling of scores over N neighbouring cells, N odd") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return switch (policy.scorer()) {
                case SnapKv score -> Optional.of(score.pooling().text());
                case Defensive score -> Optional.of(score.pooling().text());
                case LeaveOneOut score -> Optional.of(score.pooling().text());
                case Foresight score -> Optional.of(score.pooling().text());
                default -> Optional.empty();
            };
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            Pooling pooling = Pooling.parse(value);
            return policy.withScorer(
                    switch (policy.scorer()) {
                        case SnapKv score -> new SnapKv(pooling, score.over(), score.across());
                        case Defensive _ -> new Defensive(pooling);
                        case LeaveOneOut score -> new LeaveOneOut(score.floor(), pooling, score.over(), score.across());
                        case Foresight score -> new Foresight(score.horizon(), score.sample(), score.memory(), pooling);
                        case Scorer other -> other;
                    });
        }
    },
    OVER("over", "mean|square|mix|max", "how the queries of the window combine") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return switch (policy.scorer()) {
                case SnapKv score -> Optional.of(text(score.over()));
                case LeaveOneOut score -> Optional.of(text(score.over()));
                default -> Optional.empty();
            };
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            WindowAggregation over = choice(WindowAggregation.values(), PolicyParameter::text, value);
            return policy.withScorer(
                    switch (policy.scorer()) {
                        case SnapKv score -> new SnapKv(score.pooling(), over, score.across());
                        case LeaveOneOut score -> new LeaveOneOut(score.floor(), score.pooling(), over, score.across());
                        case Scorer other -> other;
                    });
        }
    },
    ACROSS("across", "sum|max", "how the query heads of a group combine") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return switch (policy.scorer()) {
                case SnapKv score -> Optional.of(text(score.across()));
                case LeaveOneOut score -> Optional.of(text(score.across()));
                default -> Optional.empty();
            };
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            GroupAggregation across = choice(GroupAggregation.values(), PolicyParameter::text, value);
            return policy.withScorer(
                    switch (policy.scorer()) {
                        case SnapKv score -> new SnapKv(score.pooling(), score.over(), across);
                        case LeaveOneOut score -> new LeaveOneOut(score.floor(), score.pooling(), score.over(), across);
                        case Scorer other -> other;
                    });
        }
    },
    FLOOR("floor", "number", "attention that every cell is granted") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return policy.scorer() instanceof LeaveOneOut score
                    ? Optional.of(Float.toString(score.floor()))
                    : Optional.empty();
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            LeaveOneOut score = (LeaveOneOut) policy.scorer();
            return policy.withScorer(
                    new LeaveOneOut(Float.parseFloat(value), score.pooling(), score.over(), score.across()));
        }
    },
    HORIZON("horizon", "integer", "positions to come over which remembered queries are spread") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return policy.scorer() instanceof Foresight score
                    ? Optional.of(Integer.toString(score.horizon()))
                    : Optional.empty();
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            Foresight score = (Foresight) policy.scorer();
            return policy.withScorer(
                    new Foresight(Integer.parseInt(value), score.sample(), score.memory(), score.pooling()));
        }
    },
    SAMPLE("sample", "0 to 1", "weight of queries from all over the sequence among those remembered") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return policy.scorer() instanceof Foresight score
                    ? Optional.of(Float.toString(score.sample()))
                    : Optional.empty();
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            Foresight score = (Foresight) policy.scorer();
            return policy.withScorer(
                    new Foresight(score.horizon(), Float.parseFloat(value), score.memory(), score.pooling()));
        }
    },
    MEMORY("memory", "number", "weight of all attention received so far, beside that of the queries to come") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return policy.scorer() instanceof Foresight score
                    ? Optional.of(Float.toString(score.memory()))
                    : Optional.empty();
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            Foresight score = (Foresight) policy.scorer();
            return policy.withScorer(
                    new Foresight(score.horizon(), score.sample(), Float.parseFloat(value), score.pooling()));
        }
    },
    SEED("seed", "integer", "seed of the random scores") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return policy.scorer() instanceof RandomScore score
                    ? Optional.of(Long.toString(score.seed()))
                    : Optional.empty();
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withScorer(new RandomScore(Long.parseLong(value)));
        }
    },
    ALPHA("alpha", "0 to 1", "share of the budget that stage one gives to the highest scores or attention") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return switch (policy.selection()) {
                case Critical selection -> Optional.of(Float.toString(selection.alpha()));
                case Staged selection -> Optional.of(Float.toString(selection.alpha()));
                default -> Optional.empty();
            };
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            float alpha = Float.parseFloat(value);
            return policy.withSelection(
                    switch (policy.selection()) {
                        case Critical old ->
                            new Critical(alpha, old.epsilon(), old.productOfMeans(), old.norm(), old.centred());
                        case Staged _ -> new Staged(alpha);
                        case Selection other -> other;
                    });
        }
    },
    EPSILON("epsilon", "number", "floor of the score in stage two") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return critical(policy).map(selection -> Float.toString(selection.epsilon()));
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            Critical old = critical(policy).orElseThrow();
            return policy.withSelection(new Critical(
                    old.alpha(), Float.parseFloat(value), old.productOfMeans(), old.norm(), old.centred()));
        }
    },
    GROUP("group", "sum|kvpress", "worth to a group: sum of products, or product of means") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return critical(policy).map(selection -> selection.productOfMeans() ? "kvpress" : "sum");
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            Critical old = critical(policy).orElseThrow();
            boolean means = value.equals("kvpress");
            if (!means && !value.equals("sum")) {
                throw new IllegalArgumentException(value);
            }
            return policy.withSelection(new Critical(old.alpha(), old.epsilon(), means, old.norm(), old.centred()));
        }
    },
    NORM("norm", "l1|l2", "norm of projected values: the paper's, or one that costs little") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return switch (policy.selection()) {
                case Critical selection -> Optional.of(text(selection.norm()));
                case LambdaSweep selection -> Optional.of(text(selection.norm()));
                default -> Optional.empty();
            };
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            ValueNorm norm = choice(ValueNorm.values(), PolicyParameter::text, value);
            return policy.withSelection(
                    switch (policy.selection()) {
                        case Critical old ->
                            new Critical(old.alpha(), old.epsilon(), old.productOfMeans(), norm, old.centred());
                        case LambdaSweep _ -> new LambdaSweep(norm);
                        case Selection other -> other;
                    });
        }
    },
    CENTRE("centre", "none|mean", "value norms from zero, or from the window's mean output") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return critical(policy).map(selection -> selection.centred() ? "mean" : "none");
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            Critical old = critical(policy).orElseThrow();
            boolean centred = value.equals("mean");
            if (!centred && !value.equals("none")) {
                throw new IllegalArgumentException(value);
            }
            return policy.withSelection(
                    new Critical(old.alpha(), old.epsilon(), old.productOfMeans(), old.norm(), centred));
        }
    },
    AGE("age", "integer", "tokens after which a cell that no query found important goes") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return policy.selection() instanceof Threshold selection
                    ? Optional.of(Integer.toString(selection.age()))
                    : Optional.empty();
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withSelection(new Threshold(Integer.parseInt(value)));
        }
    },
    SAFEGUARD("safeguard", "0 to 1", "share of an equal split that every head keeps in any case") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return policy.heads() instanceof HeadAllocation.Ada heads
                    ? Optional.of(Float.toString(heads.floor()))
                    : Optional.empty();
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withHeads(new HeadAllocation.Ada(Float.parseFloat(value)));
        }
    },
    BETA("beta", "1 or more", "steepness of the pyramid: the last layer keeps 1 / beta of the mean") {
        @Override
        Optional<String> read(KvPolicy policy) {
            return policy.layers() instanceof LayerAllocation.Pyramid layers
                    ? Optional.of(Float.toString(layers.beta()))
                    : Optional.empty();
        }

        @Override
        KvPolicy write(KvPolicy policy, String value) {
            return policy.withLayers(new LayerAllocation.Pyramid(Float.parseFloat(value)));
        }
    };

    private final String key;
    private final String allowed;
    private final String meaning;

    PolicyParameter(String key, String allowed, String meaning) {
        this.key = key;
        this.allowed = allowed;
        this.meaning = meaning;
    }

    /** Its name in text. */
    public String key() {
        return key;
    }

    /** What it may be. */
    public String allowed() {
        return allowed;
    }

    public String meaning() {
        return meaning;
    }

    /** Its value in a policy, in the form that {@link #set} reads; empty where the policy has no such parameter. */
    public Optional<String> get(KvPolicy policy) {
        return read(policy);
    }

    /**
     * The policy with another value.
     *
     * @throws IllegalArgumentException if the policy has no such parameter or it cannot have this value
     */
    public KvPolicy set(KvPolicy policy, String value) {
        Optional<String> present = read(policy);
        if (present.isEmpty()) {
            throw new IllegalArgumentException("KV policy %s has no parameter %s".formatted(policy.name(), key));
        }
        if (present.get().equals(value)) {
            return policy;
        }
        try {
            return write(policy, value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "KV policy parameter %s=%s: %s expected".formatted(key, value, allowed), e);
        }
    }

    /** The parameter of this key. */
    public static PolicyParameter named(String key) {
        return choice(values(), PolicyParameter::key, key);
    }

    abstract Optional<String> read(KvPolicy policy);

    abstract KvPolicy write(KvPolicy policy, String value);

    private static Optional<Critical> critical(KvPolicy policy) {
        return policy.selection() instanceof Critical selection ? Optional.of(selection) : Optional.empty();
    }

    private static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static <T> T choice(T[] all, Function<T, String> text, String wanted) {
        return Arrays.stream(all)
                .filter(one -> text.apply(one).equals(wanted.toLowerCase(Locale.ROOT)))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("'%s' is none of %s"
                        .formatted(wanted, Arrays.stream(all).map(text).collect(Collectors.joining(", ")))));
    }
}
