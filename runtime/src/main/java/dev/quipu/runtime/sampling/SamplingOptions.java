package dev.quipu.runtime.sampling;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How tokens are chosen: llama.cpp's parameters and their defaults.
 *
 * @param seed of the random numbers; -1 = a different one each time
 * @param repeatLastTokens how many recent tokens the penalties look at; 0 = none, -1 = all
 * @param repeatPenalty 1 = off
 * @param frequencyPenalty 0 = off
 * @param presencePenalty 0 = off
 * @param dryMultiplier 0 = off
 * @param dryBase penalty's growth with each token of a repetition
 * @param dryAllowedLength longest repetition that goes unpunished
 * @param dryLastTokens how many recent tokens DRY looks at; 0 = none, -1 = all
 * @param dryBreakers texts that no repetition reaches across
 * @param topNSigma 0 or less = off
 * @param topK 0 or less = off
 * @param typicalP 1 = off
 * @param topP 1 = off
 * @param minP 0 = off
 * @param xtcProbability 0 = off
 * @param xtcThreshold more than 0.5 = off
 * @param temperature 0 or less = the likeliest token
 * @param dynamicRange half the range of the dynamic temperature; 0 = off
 * @param dynamicExponent of the dynamic temperature
 * @param mirostat 0 = off, 1 or 2: then only temperature comes before it
 * @param mirostatTarget surprise aimed at, in bits
 * @param mirostatLearningRate how fast it adapts
 * @param minKeep fewest candidates that a sampler leaves
 * @param ignoreEndOfGeneration never choose a token that ends the turn
 * @param logitBias added to the logits of tokens
 * @param order which samplers run, in this order
 */
public record SamplingOptions(
        long seed,
        int repeatLastTokens,
        float repeatPenalty,
        float frequencyPenalty,
        float presencePenalty,
        float dryMultiplier,
        float dryBase,
        int dryAllowedLength,
        int dryLastTokens,
        List<String> dryBreakers,
        float topNSigma,
        int topK,
        float typicalP,
        float topP,
        float minP,
        float xtcProbability,
        float xtcThreshold,
        float temperature,
        float dynamicRange,
        float dynamicExponent,
        int mirostat,
        float mirostatTarget,
        float mirostatLearningRate,
        int minKeep,
        boolean ignoreEndOfGeneration,
        Map<Integer, Float> logitBias,
        List<SamplerKind> order) {
    private static final SamplingOptions DEFAULTS = new SamplingOptions(
            -1,
            64,
            1,
            0,
            0,
            0,
            1.75f,
            2,
            -1,
            List.of("\n", ":", "\"", "*"),
            -1,
            40,
            1,
            0.95f,
            0.05f,
            0,
            0.1f,
            0.8f,
            0,
            1,
            0,
            5,
            0.1f,
            0,
            false,
            Map.of(),
            List.of(SamplerKind.values()));

    public SamplingOptions {
        dryBreakers = List.copyOf(dryBreakers);
        logitBias = Map.copyOf(logitBias);
        order = List.copyOf(order);
        atLeast("repeat-last-n", repeatLastTokens, -1);
        atLeast("dry-penalty-last-n", dryLastTokens, -1);
        between("repeat-penalty", repeatPenalty, Float.MIN_VALUE, 1e6);
        between("frequency-penalty", frequencyPenalty, -1e6, 1e6);
        between("presence-penalty", presencePenalty, -1e6, 1e6);
        between("dry-multiplier", dryMultiplier, 0, 1e6);
        between("dry-base", dryBase, 0, 1e6);
        atLeast("dry-allowed-length", dryAllowedLength, 0);
        between("top-nsigma", topNSigma, -1e6, 1e6);
        between("typical", typicalP, 0, 1e6);
        between("top-p", topP, 0, 1e6);
        between("min-p", minP, 0, 1);
        between("xtc-probability", xtcProbability, 0, 1);
        between("xtc-threshold", xtcThreshold, 0, 1);
        between("temp", temperature, -1e6, 1e6);
        between("dynatemp-range", dynamicRange, 0, 1e6);
        between("dynatemp-exp", dynamicExponent, 0, 1e6);
        between("mirostat", mirostat, 0, 2);
        between("mirostat-ent", mirostatTarget, 0, 1e6);
        between("mirostat-lr", mirostatLearningRate, 0, 1e6);
        atLeast("min-keep", minKeep, 0);
        if (dryBreakers.contains("")) {
            throw new IllegalArgumentException("a dry-sequence-breaker must not be empty");
        }
        for (Map.Entry<Integer, Float> bias : logitBias.entrySet()) {
            if (bias.getKey() < 0 || Float.isNaN(bias.getValue())) {
                throw new IllegalArgumentException("logit-bias " + bias.getKey() + " " + bias.getValue());
            }
        }
    }

    private static void between(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(
                    option + " must be " + number(least) + " to " + number(most) + ", not " + number(value));
        }
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " must be " + least + " or more, not " + value);
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Float.toString((float) value);
    }

    /** llama.cpp's defaults. */
    public static SamplingOptions defaults() {
        return DEFAULTS;
    }

    /** The likeliest token each time. */
    public static SamplingOptions greedy() {
        return DEFAULTS.withTemperature(0);
    }

    private SamplingOptions with(Consumer<SamplingDraft> change) {
        SamplingDraft draft = new SamplingDraft(this);
        change.accept(draft);
        return draft.options();
    }

    public SamplingOptions withSeed(long value) {
        return with(draft -> draft.seed = value);
    }

    public SamplingOptions withRepeatLastTokens(int value) {
        return with(draft -> draft.repeatLastTokens = value);
    }

    public SamplingOptions withRepeatPenalty(float value) {
        return with(draft -> draft.repeatPenalty = value);
    }

    public SamplingOptions withFrequencyPenalty(float value) {
        return with(draft -> draft.frequencyPenalty = value);
    }

    public SamplingOptions withPresencePenalty(float value) {
        return with(draft -> draft.presencePenalty = value);
    }

    public SamplingOptions withDryMultiplier(float value) {
        return with(draft -> draft.dryMultiplier = value);
    }

    public SamplingOptions withDryBase(float value) {
        return with(draft -> draft.dryBase = value);
    }

    public SamplingOptions withDryAllowedLength(int value) {
        return with(draft -> draft.dryAllowedLength = value);
    }

    public SamplingOptions withDryLastTokens(int value) {
        return with(draft -> draft.dryLastTokens = value);
    }

    public SamplingOptions withDryBreakers(List<String> value) {
        return with(draft -> draft.dryBreakers = value);
    }

    public SamplingOptions withTopNSigma(float value) {
        return with(draft -> draft.topNSigma = value);
    }

    public SamplingOptions withTopK(int value) {
        return with(draft -> draft.topK = value);
    }

    public SamplingOptions withTypicalP(float value) {
        return with(draft -> draft.typicalP = value);
    }

    public SamplingOptions withTopP(float value) {
        return with(draft -> draft.topP = value);
    }

    public SamplingOptions withMinP(float value) {
        return with(draft -> draft.minP = value);
    }

    public SamplingOptions withXtcProbability(float value) {
        return with(draft -> draft.xtcProbability = value);
    }

    public SamplingOptions withXtcThreshold(float value) {
        return with(draft -> draft.xtcThreshold = value);
    }

    public SamplingOptions withTemperature(float value) {
        return with(draft -> draft.temperature = value);
    }

    public SamplingOptions withDynamicRange(float value) {
        return with(draft -> draft.dynamicRange = value);
    }

    public SamplingOptions withDynamicExponent(float value) {
        return with(draft -> draft.dynamicExponent = value);
    }

    public SamplingOptions withMirostat(int value) {
        return with(draft -> draft.mirostat = value);
    }

    public SamplingOptions withMirostatTarget(float value) {
        return with(draft -> draft.mirostatTarget = value);
    }

    public SamplingOptions withMirostatLearningRate(float value) {
        return with(draft -> draft.mirostatLearningRate = value);
    }

    public SamplingOptions withMinKeep(int value) {
        return with(draft -> draft.minKeep = value);
    }

    public SamplingOptions withIgnoreEndOfGeneration(boolean value) {
        return with(draft -> draft.ignoreEndOfGeneration = value);
    }

    public SamplingOptions withLogitBias(Map<Integer, Float> value) {
        return with(draft -> draft.logitBias = value);
    }

    public SamplingOptions withOrder(List<SamplerKind> value) {
        return with(draft -> draft.order = value);
    }
}
