package dev.quipu.cli.option;

import dev.quipu.cli.CommandFailure;
import dev.quipu.runtime.sampling.SamplerKind;
import dev.quipu.runtime.sampling.SamplingOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How tokens are chosen: llama.cpp's flags and defaults. */
public final class SamplingFlags {
    private static final Pattern BIAS = Pattern.compile("(\\d+)([+-](?:\\d+(?:\\.\\d*)?|\\.\\d+|inf))");

    @Option(
            names = {"-s", "--seed"},
            defaultValue = "-1",
            description = "Seed of the random numbers; -1 = a different one each time. Default: -1.")
    private long seed = -1;

    @Option(
            names = {"--temp", "--temperature"},
            defaultValue = "0.8",
            description = "0 = always the likeliest token. Default: 0.8.")
    private float temperature = 0.8f;

    @Option(names = "--top-k", defaultValue = "40", description = "0 = off. Default: 40.")
    private int topK = 40;

    @Option(names = "--top-p", defaultValue = "0.95", description = "1 = off. Default: 0.95.")
    private float topP = 0.95f;

    @Option(names = "--min-p", defaultValue = "0.05", description = "0 = off. Default: 0.05.")
    private float minP = 0.05f;

    @Option(
            names = {"--typical", "--typical-p"},
            defaultValue = "1.0",
            description = "1 = off. Default: 1.0.")
    private float typicalP = 1.0f;

    @Option(
            names = {"--top-nsigma", "--top-n-sigma"},
            defaultValue = "-1.0",
            description = "-1 = off. Default: -1.0.")
    private float topNSigma = -1.0f;

    @Option(names = "--xtc-probability", defaultValue = "0.0", description = "0 = off. Default: 0.0.")
    private float xtcProbability = 0.0f;

    @Option(names = "--xtc-threshold", defaultValue = "0.1", description = "More than 0.5 = off. Default: 0.1.")
    private float xtcThreshold = 0.1f;

    @Option(
            names = "--repeat-last-n",
            defaultValue = "64",
            description = "Tokens that penalties look back; -1 = all. Default: 64.")
    private int repeatLastTokens = 64;

    @Option(names = "--repeat-penalty", defaultValue = "1.0", description = "1 = off. Default: 1.0.")
    private float repeatPenalty = 1.0f;

    @Option(names = "--presence-penalty", defaultValue = "0.0", description = "0 = off. Default: 0.0.")
    private float presencePenalty = 0.0f;

    @Option(names = "--frequency-penalty", defaultValue = "0.0", description = "0 = off. Default: 0.0.")
    private float frequencyPenalty = 0.0f;

    @Option(names = "--dry-multiplier", defaultValue = "0.0", description = "0 = off. Default: 0.0.")
    private float dryMultiplier = 0.0f;

    @Option(names = "--dry-base", defaultValue = "1.75", description = "Growth of the penalty. Default: 1.75.")
    private float dryBase = 1.75f;

    @Option(
            names = "--dry-allowed-length",
            defaultValue = "2",
            description = "Longest repetition that goes unpunished. Default: 2.")
    private int dryAllowedLength = 2;

    @Option(
            names = "--dry-penalty-last-n",
            defaultValue = "-1",
            description = "Tokens that DRY looks back; -1 = all. Default: -1.")
    private int dryLastTokens = -1;

    @Option(
            names = "--dynatemp-range",
            defaultValue = "0.0",
            description = "Half the range of the dynamic temperature; 0 = off. Default: 0.0.")
    private float dynamicRange = 0.0f;

    @Option(names = "--dynatemp-exp", defaultValue = "1.0", description = "Its exponent. Default: 1.0.")
    private float dynamicExponent = 1.0f;

    @Option(names = "--mirostat", defaultValue = "0", description = "0 = off, 1 or 2. Default: 0.")
    private int mirostat = 0;

    @Option(names = "--mirostat-lr", defaultValue = "0.1", description = "Learning rate. Default: 0.1.")
    private float mirostatLearningRate = 0.1f;

    @Option(names = "--mirostat-ent", defaultValue = "5.0", description = "Surprise aimed at, in bits. Default: 5.0.")
    private float mirostatTarget = 5.0f;

    @Option(
            names = "--min-keep",
            defaultValue = "0",
            description = "Fewest candidates that a sampler leaves. Default: 0.")
    private int minKeep = 0;

    @Option(
            names = "--dry-sequence-breaker",
            paramLabel = "TEXT",
            description =
                    "A text that no repetition reaches across; replaces the defaults; 'none' for none. Repeatable.")
    private List<String> dryBreakers = new ArrayList<>();

    @Option(
            names = {"-l", "--logit-bias"},
            paramLabel = "TOKEN(+|-)BIAS",
            description = "Added to a token's logit, such as 15043+1 or 15043-inf. Repeatable.")
    private List<String> logitBias = new ArrayList<>();

    @Option(names = "--ignore-eos", description = "Never choose a token that ends the answer.")
    private boolean ignoreEos;

    @Option(
            names = "--samplers",
            paramLabel = "NAMES",
            description = "Which samplers run, in this order, separated by semicolons."
                    + " Default: penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature.")
    private String samplers = "";

    @Option(
            names = {"--sampler-seq", "--sampling-seq"},
            paramLabel = "LETTERS",
            description = "The same, a letter each. Default: edskypmxt.")
    private String samplerSequence = "";

    public SamplingOptions options() {
        try {
            SamplingOptions options = SamplingOptions.defaults()
                    .withSeed(seed)
                    .withTemperature(temperature)
                    .withTopK(topK)
                    .withTopP(topP)
                    .withMinP(minP)
                    .withTypicalP(typicalP)
                    .withTopNSigma(topNSigma)
                    .withXtcProbability(xtcProbability)
                    .withXtcThreshold(xtcThreshold)
                    .withRepeatLastTokens(repeatLastTokens)
                    .withRepeatPenalty(repeatPenalty)
                    .withPresencePenalty(presencePenalty)
                    .withFrequencyPenalty(frequencyPenalty)
                    .withDryMultiplier(dryMultiplier)
                    .withDryBase(dryBase)
                    .withDryAllowedLength(dryAllowedLength)
                    .withDryLastTokens(dryLastTokens)
                    .withDynamicRange(dynamicRange)
                    .withDynamicExponent(dynamicExponent)
                    .withMirostat(mirostat)
                    .withMirostatLearningRate(mirostatLearningRate)
                    .withMirostatTarget(mirostatTarget)
                    .withMinKeep(minKeep)
                    .withIgnoreEndOfGeneration(ignoreEos)
                    .withLogitBias(bias());
            if (!dryBreakers.isEmpty()) {
                options = options.withDryBreakers(dryBreakers.contains("none") ? List.of() : dryBreakers);
            }
            if (!samplerSequence.isEmpty()) {
                options = options.withOrder(SamplerKind.parseLetters(samplerSequence));
            }
            return samplers.isEmpty() ? options : options.withOrder(SamplerKind.parseNames(samplers));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
    }

    private Map<Integer, Float> bias() {
        Map<Integer, Float> biases = new HashMap<>();
        for (String text : logitBias) {
            Matcher matcher = BIAS.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "--logit-bias must look like 15043+1 or 15043-inf, not '" + text + "'");
            }
            String number = matcher.group(2).replace("inf", "Infinity");
            biases.put(Integer.valueOf(matcher.group(1)), Float.valueOf(number));
        }
        return biases;
    }
}
