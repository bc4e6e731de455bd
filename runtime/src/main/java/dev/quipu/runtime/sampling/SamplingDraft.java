package dev.quipu.runtime.sampling;

import java.util.List;
import java.util.Map;

/** {@link SamplingOptions} of which one is being changed: the same values, not yet checked. */
final class SamplingDraft {
    long seed;
    int repeatLastTokens;
    float repeatPenalty;
    float frequencyPenalty;
    float presencePenalty;
    float dryMultiplier;
    float dryBase;
    int dryAllowedLength;
    int dryLastTokens;
    List<String> dryBreakers;
    float topNSigma;
    int topK;
    float typicalP;
    float topP;
    float minP;
    float xtcProbability;
    float xtcThreshold;
    float temperature;
    float dynamicRange;
    float dynamicExponent;
    int mirostat;
    float mirostatTarget;
    float mirostatLearningRate;
    int minKeep;
    boolean ignoreEndOfGeneration;
    Map<Integer, Float> logitBias;
    List<SamplerKind> order;

    SamplingDraft(SamplingOptions options) {
        seed = options.seed();
        repeatLastTokens = options.repeatLastTokens();
        repeatPenalty = options.repeatPenalty();
        frequencyPenalty = options.frequencyPenalty();
        presencePenalty = options.presencePenalty();
        dryMultiplier = options.dryMultiplier();
        dryBase = options.dryBase();
        dryAllowedLength = options.dryAllowedLength();
        dryLastTokens = options.dryLastTokens();
        dryBreakers = options.dryBreakers();
        topNSigma = options.topNSigma();
        topK = options.topK();
        typicalP = options.typicalP();
        topP = options.topP();
        minP = options.minP();
        xtcProbability = options.xtcProbability();
        xtcThreshold = options.xtcThreshold();
        temperature = options.temperature();
        dynamicRange = options.dynamicRange();
        dynamicExponent = options.dynamicExponent();
        mirostat = options.mirostat();
        mirostatTarget = options.mirostatTarget();
        mirostatLearningRate = options.mirostatLearningRate();
        minKeep = options.minKeep();
        ignoreEndOfGeneration = options.ignoreEndOfGeneration();
        logitBias = options.logitBias();
        order = options.order();
    }

    SamplingOptions options() {
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
                order);
    }
}
