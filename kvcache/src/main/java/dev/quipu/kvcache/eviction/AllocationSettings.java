package dev.quipu.kvcache.eviction;

/** What can be set about how many cells stay where. */
final class AllocationSettings {
    static final Setting HEADS =
            Setting.of(policy -> name(policy.heads()), (policy, value) -> policy.withHeads(heads(value)));

    static final Setting LAYERS =
            Setting.of(policy -> name(policy.layers()), (policy, value) -> policy.withLayers(layers(value)));

    static final Setting SAFEGUARD = Setting.ofHeads(
            HeadAllocation.Ada.class,
            heads -> Float.toString(heads.floor()),
            (_, value) -> new HeadAllocation.Ada(Float.parseFloat(value)));

    static final Setting BETA = Setting.ofLayers(
            LayerAllocation.Pyramid.class,
            layers -> Float.toString(layers.beta()),
            (_, value) -> new LayerAllocation.Pyramid(Float.parseFloat(value)));

    static final Setting SINKS = Setting.of(
            policy -> Integer.toString(policy.sinks()),
            (policy, value) -> policy.withProtected(Integer.parseInt(value), policy.window()));

    static final Setting WINDOW = Setting.of(
            policy -> Integer.toString(policy.window()),
            (policy, value) -> policy.withProtected(policy.sinks(), Integer.parseInt(value)));

    static final Setting TIES = Setting.of(
            policy -> Choice.text(policy.ties()), (policy, value) -> policy.withTies(Choice.of(Ties.values(), value)));

    static final Setting CLAIMS = Setting.of(
            policy -> Choice.text(policy.claims()),
            (policy, value) -> policy.withClaims(Choice.of(Claims.values(), value)));

    private AllocationSettings() {}

    private static String name(HeadAllocation heads) {
        return switch (heads) {
            case HeadAllocation.Uniform _ -> "uniform";
            case HeadAllocation.Ada _ -> "ada";
            case HeadAllocation.Capped _ -> "capped";
        };
    }

    private static HeadAllocation heads(String name) {
        return switch (name) {
            case "uniform" -> new HeadAllocation.Uniform();
            case "ada" -> new HeadAllocation.Ada(0.2f);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static String name(LayerAllocation layers) {
        return switch (layers) {
            case LayerAllocation.Uniform _ -> "uniform";
            case LayerAllocation.Pyramid _ -> "pyramid";
            case LayerAllocation.Prefix _ -> "prefix";
            case LayerAllocation.Global _ -> "global";
        };
    }

    private static LayerAllocation layers(String name) {
        return switch (name) {
            case "uniform" -> new LayerAllocation.Uniform();
            case "pyramid" -> new LayerAllocation.Pyramid(20);
            case "prefix" -> new LayerAllocation.Prefix();
            case "global" -> new LayerAllocation.Global();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
