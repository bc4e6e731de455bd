package dev.quipu.kvcache.eviction;

/** What can be set about selections. */
final class SelectionSettings {
    static final Setting NAME =
            Setting.of(policy -> name(policy.selection()), (policy, value) -> policy.withSelection(named(value)));

    static final Setting ALPHA = Setting.ofSelection(
                    Critical.class,
                    critical -> Float.toString(critical.alpha()),
                    (old, value) -> new Critical(
                            Float.parseFloat(value), old.epsilon(), old.productOfMeans(), old.norm(), old.centred()))
            .or(Setting.ofSelection(
                    Staged.class,
                    staged -> Float.toString(staged.alpha()),
                    (_, value) -> new Staged(Float.parseFloat(value))));

    static final Setting EPSILON = Setting.ofSelection(
            Critical.class,
            critical -> Float.toString(critical.epsilon()),
            (old, value) -> new Critical(
                    old.alpha(), Float.parseFloat(value), old.productOfMeans(), old.norm(), old.centred()));

    static final Setting GROUP = Setting.ofSelection(
            Critical.class,
            critical -> critical.productOfMeans() ? "kvpress" : "sum",
            (old, value) -> new Critical(
                    old.alpha(), old.epsilon(), second(value, "sum", "kvpress"), old.norm(), old.centred()));

    static final Setting NORM = Setting.ofSelection(
                    Critical.class,
                    critical -> Choice.text(critical.norm()),
                    (old, value) ->
                            new Critical(old.alpha(), old.epsilon(), old.productOfMeans(), norm(value), old.centred()))
            .or(Setting.ofSelection(
                    LambdaSweep.class,
                    lambda -> Choice.text(lambda.norm()),
                    (_, value) -> new LambdaSweep(norm(value))));

    static final Setting CENTRE = Setting.ofSelection(
            Critical.class,
            critical -> critical.centred() ? "mean" : "none",
            (old, value) -> new Critical(
                    old.alpha(), old.epsilon(), old.productOfMeans(), old.norm(), second(value, "none", "mean")));

    static final Setting AGE = Setting.ofSelection(
            Threshold.class,
            threshold -> Integer.toString(threshold.age()),
            (_, value) -> new Threshold(Integer.parseInt(value)));

    private SelectionSettings() {}

    private static String name(Selection selection) {
        return switch (selection) {
            case TopK _ -> "topk";
            case Critical _ -> "critical";
            case Staged _ -> "staged";
            case LambdaSweep _ -> "lambda";
            case Threshold _ -> "threshold";
        };
    }

    private static Selection named(String name) {
        return switch (name) {
            case "topk" -> new TopK();
            case "critical" -> new Critical(0.5f, 1e-4f, false, ValueNorm.L2, false);
            case "staged" -> new Staged(0.5f);
            case "lambda" -> new LambdaSweep(ValueNorm.L2);
            case "threshold" -> new Threshold(256);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static ValueNorm norm(String value) {
        return Choice.of(ValueNorm.values(), value);
    }

    /** Which of two values it is. */
    private static boolean second(String value, String first, String second) {
        if (!value.equals(first) && !value.equals(second)) {
            throw new IllegalArgumentException(value);
        }
        return value.equals(second);
    }
}
