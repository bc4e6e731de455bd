package dev.quipu.runtime.model;

import dev.quipu.gguf.Metadata;
import dev.quipu.runtime.ModelFormatException;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads a {@link ModelConfig} from metadata, and says which key is missing, of the wrong type or out of range. */
final class ConfigReader {
    private final Metadata metadata;
    private final Architecture architecture;

    private ConfigReader(Metadata metadata, Architecture architecture) {
        this.metadata = metadata;
        this.architecture = architecture;
    }

    /** @param vocabularySize rows of the token embedding */
    static ModelConfig read(Metadata metadata, Architecture architecture, int vocabularySize)
            throws ModelFormatException {
        return new ConfigReader(metadata, architecture).config(vocabularySize);
    }

    static String architectureName(Metadata metadata) throws ModelFormatException {
        try {
            return metadata.string("general.architecture")
                    .orElseThrow(() -> new ModelFormatException("metadata key general.architecture is missing"));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(message(e), e);
        }
    }

    private ModelConfig config(int vocabularySize) throws ModelFormatException {
        int embedding = count("embedding_length", 1, 1 << 20);
        int layers = count("block_count", 1, 1 << 14);
        int feedForward = count("feed_forward_length", 1, 1 << 22);
        int heads = count("attention.head_count", 1, 1 << 14);
        int kvHeads = count("attention.head_count_kv", heads, 1, heads);
        if (heads % kvHeads != 0) {
            throw new ModelFormatException(key("attention.head_count") + " is " + heads
                    + ", expected a multiple of attention.head_count_kv = " + kvHeads);
        }
        boolean keyLengthStated = metadata.has(key("attention.key_length"));
        if (!keyLengthStated && embedding % heads != 0) {
            throw new ModelFormatException(key("embedding_length") + " is " + embedding
                    + ", expected a multiple of attention.head_count = " + heads);
        }
        int keyLength = count("attention.key_length", embedding / heads, 2, 1 << 14);
        int valueLength = count("attention.value_length", embedding / heads, 1, 1 << 14);
        int ropeDimensions = count("rope.dimension_count", keyLength, 2, keyLength);
        if (ropeDimensions % 2 != 0) {
            throw new ModelFormatException(
                    key("rope.dimension_count") + " is " + ropeDimensions + ", expected an even number");
        }
        if (count("expert_count", 0, 0, Integer.MAX_VALUE) > 0) {
            throw new ModelFormatException(
                    key("expert_count") + " is set: mixture-of-experts models are not supported");
        }
        int context = count("context_length", 1, 1 << 30);
        double base = positive("rope.freq_base", number("rope.freq_base", 10_000));
        double epsilon = requiredNumber("attention.layer_norm_rms_epsilon");
        if (!(epsilon >= 0 && epsilon < 1)) {
            throw new ModelFormatException(
                    key("attention.layer_norm_rms_epsilon") + " is " + epsilon + ", expected 0 to 1");
        }
        return new ModelConfig(
                architecture.name(),
                vocabularySize,
                context,
                embedding,
                layers,
                feedForward,
                heads,
                kvHeads,
                keyLength,
                valueLength,
                (float) epsilon,
                architecture.ropeStyle(),
                ropeDimensions,
                base,
                scaling(context));
    }

    private RopeScaling scaling(int context) throws ModelFormatException {
        // Files from before `rope.scaling.*` state a linear factor alone.
        double factor = number("rope.scaling.factor", number("rope.scale_linear", 1));
        String type = string("rope.scaling.type").orElse(factor == 1 ? "none" : "linear");
        RopeScaling.Type known =
                switch (type) {
                    case "none" -> RopeScaling.Type.NONE;
                    case "linear" -> RopeScaling.Type.LINEAR;
                    case "yarn" -> RopeScaling.Type.YARN;
                    default ->
                        throw new ModelFormatException(
                                key("rope.scaling.type") + " is '" + type + "', expected none, linear or yarn");
                };
        if (known == RopeScaling.Type.NONE) {
            return RopeScaling.NONE;
        }
        positive("rope.scaling.factor", factor);
        double original = number("rope.scaling.original_context_length", context);
        return new RopeScaling(
                known,
                factor,
                original > 0 ? original : context,
                number("rope.scaling.yarn_ext_factor", 1),
                number("rope.scaling.attn_factor", number("rope.scaling.yarn_attn_factor", 1)),
                positive("rope.scaling.yarn_beta_fast", number("rope.scaling.yarn_beta_fast", 32)),
                positive("rope.scaling.yarn_beta_slow", number("rope.scaling.yarn_beta_slow", 1)));
    }

    private double positive(String name, double value) throws ModelFormatException {
        if (!(value > 0)) {
            throw new ModelFormatException(key(name) + " is " + value + ", expected more than 0");
        }
        return value;
    }

    private String key(String name) {
        return architecture.name() + "." + name;
    }

    private int count(String name, int min, int max) throws ModelFormatException {
        if (!metadata.has(key(name))) {
            throw new ModelFormatException("metadata key " + key(name) + " is missing");
        }
        return count(name, 0, min, max);
    }

    private int count(String name, int absent, int min, int max) throws ModelFormatException {
        long value = integer(name).orElse(absent);
        if (value < min || value > max) {
            throw new ModelFormatException(key(name) + " is " + value + ", expected " + min + " to " + max);
        }
        return (int) value;
    }

    /** An integer, or an array that holds the same integer for every layer. */
    private OptionalLong integer(String name) throws ModelFormatException {
        try {
            return metadata.integer(key(name));
        } catch (IllegalArgumentException notOne) {
            return OptionalLong.of(sameForAllLayers(name, notOne));
        }
    }

    private long sameForAllLayers(String name, IllegalArgumentException notOne) throws ModelFormatException {
        int[] values;
        try {
            values = metadata.ints(key(name)).orElse(new int[0]);
        } catch (IllegalArgumentException notAnArrayEither) {
            throw new ModelFormatException(message(notOne), notOne);
        }
        for (int value : values) {
            if (value != values[0]) {
                throw new ModelFormatException(
                        key(name) + " differs between layers (" + values[0] + ", " + value + "), expected one value");
            }
        }
        if (values.length == 0) {
            throw new ModelFormatException(key(name) + " is an empty array, expected a number");
        }
        return values[0];
    }

    private double requiredNumber(String name) throws ModelFormatException {
        if (!metadata.has(key(name))) {
            throw new ModelFormatException("metadata key " + key(name) + " is missing");
        }
        return number(name, 0);
    }

    private double number(String name, double absent) throws ModelFormatException {
        try {
            double value = metadata.number(key(name)).orElse(absent);
            if (!Double.isFinite(value)) {
                throw new ModelFormatException(key(name) + " is " + value + ", expected a finite number");
            }
            return value;
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(message(e), e);
        }
    }

    private Optional<String> string(String name) throws ModelFormatException {
        try {
            return metadata.string(key(name));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(message(e), e);
        }
    }

    private static String message(IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
    }
}
