package dev.quipu.runtime.sampling;

import dev.quipu.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Chooses tokens: a bias on logits, the stages in their order, and a draw. Used by one thread. Choosing allocates nothing.
 *
 * <p>Random numbers come from {@link SplittableRandom}: a seed gives the same tokens again, though not those that llama.cpp
 * draws from it.
 */
public final class Sampler {
    /** How far back "all tokens" reaches. */
    private static final int ALL = 1 << 17;

    private final Candidates candidates;
    private final List<SamplerStage> stages;
    private final TokenChooser chooser;
    private final long seed;

    private Sampler(Candidates candidates, List<SamplerStage> stages, TokenChooser chooser, long seed) {
        this.candidates = candidates;
        this.stages = List.copyOf(stages);
        this.chooser = chooser;
        this.seed = seed;
    }

    /** The sampler for logits of {@code vocabulary} tokens. */
    public static Sampler of(SamplingOptions options, Tokenizer tokenizer, int vocabulary) {
        long seed = options.seed() == -1 ? new SplittableRandom().nextLong() >>> 1 : options.seed();
        RandomGenerator random = new SplittableRandom(seed);
        List<SamplerStage> stages = new ArrayList<>();
        Map<Integer, Float> bias = new HashMap<>(options.logitBias());
        bias.keySet().forEach(token -> {
            if (token >= vocabulary) {
                throw new IllegalArgumentException(
                        "logit-bias of token " + token + ", but the vocabulary has " + vocabulary + " tokens");
            }
        });
        if (options.ignoreEndOfGeneration()) {
            for (int token : tokenizer.endOfGeneration()) {
                bias.put(token, Float.NEGATIVE_INFINITY);
            }
        }
        if (!bias.isEmpty()) {
            stages.add(new LogitBias(bias));
        }
        if (options.mirostat() > 0) {
            stages.add(temperature(options));
        } else {
            for (SamplerKind kind : options.order()) {
                stages.add(stage(kind, options, random, tokenizer, vocabulary));
            }
        }
        TokenChooser chooser =
                switch (options.mirostat()) {
                    case 1 ->
                        new Mirostat(options.mirostatTarget(), options.mirostatLearningRate(), random, vocabulary);
                    case 2 -> new Mirostat2(options.mirostatTarget(), options.mirostatLearningRate(), random);
                    default -> new Draw(random);
                };
        return new Sampler(new Candidates(vocabulary), stages, chooser, seed);
    }

    private static Temperature temperature(SamplingOptions o) {
        return new Temperature(o.temperature(), o.dynamicRange(), o.dynamicExponent());
    }

    private static SamplerStage stage(
            SamplerKind kind, SamplingOptions o, RandomGenerator random, Tokenizer tokenizer, int vocabulary) {
        return switch (kind) {
            case PENALTIES -> {
                boolean off = o.repeatPenalty() == 1 && o.frequencyPenalty() == 0 && o.presencePenalty() == 0;
                int last = off ? 0 : lastTokens(o.repeatLastTokens());
                yield new Penalties(last, o.repeatPenalty(), o.frequencyPenalty(), o.presencePenalty(), vocabulary);
            }
            case DRY -> {
                boolean off = o.dryMultiplier() == 0 || o.dryBase() < 1;
                int last = off ? 0 : lastTokens(o.dryLastTokens());
                List<int[]> breakers = last == 0 ? List.of() : DryBreakers.of(o.dryBreakers(), tokenizer);
                yield new Dry(o.dryMultiplier(), o.dryBase(), o.dryAllowedLength(), last, breakers, vocabulary);
            }
            case TOP_N_SIGMA -> new TopNSigma(o.topNSigma());
            case TOP_K -> new TopK(o.topK(), o.minKeep());
            case TYPICAL_P -> new Typical(o.typicalP(), o.minKeep(), vocabulary);
            case TOP_P -> new TopP(o.topP(), o.minKeep());
            case MIN_P -> new MinP(o.minP(), o.minKeep());
            case XTC -> new Xtc(o.xtcProbability(), o.xtcThreshold(), o.minKeep(), random);
            case TEMPERATURE -> temperature(o);
        };
    }

    private static int lastTokens(int option) {
        return option < 0 ? ALL : Math.min(option, ALL);
    }

    /** The seed in use, the drawn one if none was given. */
    public long seed() {
        return seed;
    }

    /**
     * Chooses a token. The logits stay as they are.
     *
     * @param logits float[vocabulary]; NaN counts as minus infinity
     * @throws IllegalStateException if no token can follow
     */
    public int sample(float[] logits) {
        if (logits.length != candidates.capacity()) {
            throw new IllegalArgumentException(logits.length + " logits, expected " + candidates.capacity());
        }
        candidates.fill(logits);
        for (int i = 0; i < stages.size(); i++) {
            stages.get(i).apply(candidates);
        }
        return chooser.choose(candidates);
    }

    /** Remembers a token, chosen or of the prompt, for what looks back. */
    public void accept(int token) {
        for (int i = 0; i < stages.size(); i++) {
            stages.get(i).accept(token);
        }
    }

    /** Forgets all tokens. */
    public void reset() {
        for (SamplerStage stage : stages) {
            stage.reset();
        }
        chooser.reset();
    }
}
