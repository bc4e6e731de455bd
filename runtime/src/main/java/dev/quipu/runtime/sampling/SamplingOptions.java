package dev.quipu.runtime.sampling;

import java.util.List;
import java.util.Map;

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

    public SamplingOptions withSeed(long value) {
        return new SamplingOptions(
                value,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withRepeatLastTokens(int value) {
        return new SamplingOptions(
                seed,
                value,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withRepeatPenalty(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                value,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withFrequencyPenalty(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                value,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withPresencePenalty(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                value,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withDryMultiplier(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                value,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withDryBase(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                value,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withDryAllowedLength(int value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                value,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withDryLastTokens(int value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                value,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withDryBreakers(List<String> value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                value,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withTopNSigma(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                value,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withTopK(int value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                value,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withTypicalP(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                value,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withTopP(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                value,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withMinP(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                value,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withXtcProbability(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                value,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withXtcThreshold(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                value,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withTemperature(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                value,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withDynamicRange(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                value,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withDynamicExponent(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                value,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withMirostat(int value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                value,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withMirostatTarget(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                value,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withMirostatLearningRate(float value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                value,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withMinKeep(int value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                value,
                ignoreEndOfGeneration,
                logitBias,
                order);
    }

    public SamplingOptions withIgnoreEndOfGeneration(boolean value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                value,
                logitBias,
                order);
    }

    public SamplingOptions withLogitBias(Map<Integer, Float> value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                value,
                order);
    }

    public SamplingOptions withOrder(List<SamplerKind> value) {
        return new SamplingOptions(
                seed,
                repeatLastTokens,
                repeatPenalty,
                frequencyPenalty,
                presencePenalty,
                dryMultiplier,
                dryBase,
                dryAllowedLength,
                dryLastTokens,
                dryBreakers,
                topNSigma,
                topK,
                typicalP,
                topP,
                minP,
                xtcProbability,
                xtcThreshold,
                temperature,
                dynamicRange,
                dynamicExponent,
                mirostat,
                mirostatTarget,
                mirostatLearningRate,
                minKeep,
                ignoreEndOfGeneration,
                logitBias,
                value);
    }
}
