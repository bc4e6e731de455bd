package dev.quipu.runtime.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each sampler against its definition, written out over a full sort. */
final class StagesTest {
    private static final int VOCABULARY = 300;

    private static float[] logits(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] logits = new float[VOCABULARY];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (random.nextGaussian() * 3);
        }
        logits[17] = logits[42]; // a tie
        return logits;
    }

    private static Candidates candidates(float[] logits) {
        Candidates candidates = new Candidates(logits.length);
        candidates.fill(logits);
        return candidates;
    }

    private static List<Integer> ids(Candidates candidates) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            ids.add(candidates.id(i));
        }
        return ids;
    }

    private static List<Integer> sorted(float[] logits) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < logits.length; i++) {
            ids.add(i);
        }
        ids.sort(Comparator.comparingDouble((Integer id) -> -logits[id]).thenComparing(id -> id));
        return ids;
    }

    private static double[] softmax(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        double[] p = new double[logits.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = Math.exp(logits[i] - max);
            sum += p[i];
        }
        for (int i = 0; i < p.length; i++) {
            p[i] /= sum;
        }
        return p;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void topK(long seed) {
        float[] logits = logits(seed);
        for (int k : new int[] {1, 2, 40, VOCABULARY, 1000}) {
            Candidates c = candidates(logits);
            new TopK(k, 0).apply(c);
            assertThat(ids(c)).isEqualTo(sorted(logits).subList(0, Math.min(k, VOCABULARY)));
        }
        Candidates all = candidates(logits);
        new TopK(0, 0).apply(all);
        assertThat(all.size()).isEqualTo(VOCABULARY);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void topP(long seed) {
        float[] logits = logits(seed);
        double[] p = softmax(logits);
        for (double limit : new double[] {0, 0.3, 0.9, 0.999}) {
            List<Integer> expected = new ArrayList<>();
            double sum = 0;
            for (int id : sorted(logits)) {
                expected.add(id);
                sum += p[id];
                if (sum >= limit) {
                    break;
                }
            }
            Candidates c = candidates(logits);
            new TopP(limit, 0).apply(c);
            assertThat(ids(c)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void minPAndTopNSigma(long seed) {
        float[] logits = logits(seed);
        double[] p = softmax(logits);
        double most = Arrays.stream(p).max().orElseThrow();
        Candidates minP = candidates(logits);
        new MinP(0.05, 0).apply(minP);
        List<Integer> expected = new ArrayList<>(sorted(logits));
        expected.removeIf(id -> p[id] < 0.05 * most);
        assertThat(new TreeSet<>(ids(minP))).isEqualTo(new TreeSet<>(expected));

        double mean = 0;
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            mean += logit / (double) logits.length;
            max = Math.max(max, logit);
        }
        double variance = 0;
        for (float logit : logits) {
            variance += (logit - mean) * (logit - mean) / logits.length;
        }
        double least = max - 1.5 * Math.sqrt(variance);
        Candidates sigma = candidates(logits);
        new TopNSigma(1.5f).apply(sigma);
        List<Integer> near = new ArrayList<>(sorted(logits));
        near.removeIf(id -> logits[id] < least);
        assertThat(new TreeSet<>(ids(sigma))).isEqualTo(new TreeSet<>(near));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void typical(long seed) {
        float[] logits = logits(seed);
        double[] p = softmax(logits);
        double entropy = -Arrays.stream(p).map(x -> x * Math.log(x)).sum();
        List<Integer> order = new ArrayList<>(sorted(logits));
        order.sort(Comparator.comparingDouble(id -> (float) Math.abs(-Math.log(p[id]) - entropy)));
        List<Integer> expected = new ArrayList<>();
        double sum = 0;
        for (int id : order) {
            expected.add(id);
            sum += p[id];
            if (sum > 0.6) {
                break;
            }
        }
        Candidates c = candidates(logits);
        new Typical(0.6, 0, VOCABULARY).apply(c);
        assertThat(new TreeSet<>(ids(c))).isEqualTo(new TreeSet<>(expected));
    }

    @Test
    void xtcDropsAllButTheLeastOfTheTop() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.15), (float) Math.log(0.05)};
        Candidates c = candidates(logits);
        new Xtc(1, 0.1, 0, new SplittableRandom(1)).apply(c);
        assertThat(ids(c)).containsExactly(2, 3);
        Candidates untouched = candidates(logits);
        new Xtc(1, 0.51, 0, new SplittableRandom(1)).apply(untouched);
        assertThat(untouched.size()).isEqualTo(4);
    }

    @Test
    void penaltiesCountRecentTokens() {
        float[] logits = {2, -2, 1, 1};
        Penalties penalties = new Penalties(3, 2, 0.5f, 0.25f, 4);
        for (int token : new int[] {3, 0, 1, 0}) {
            penalties.accept(token); // the 3 falls out of the window
        }
        Candidates c = candidates(logits);
        penalties.apply(c);
        assertThat(c.logit(0)).isEqualTo(2 / 2f - 2 * 0.5f - 0.25f);
        assertThat(c.logit(1)).isEqualTo(-2 * 2 - 0.5f - 0.25f);
        assertThat(c.logit(2)).isEqualTo(1);
        assertThat(c.logit(3)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void dry(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] history = random.ints(60, 0, 3).toArray();
        int breaker = 9;
        history[random.nextInt(20)] = breaker;
        int start = 0;
        for (int i = 0; i < history.length; i++) {
            start = history[i] == breaker ? i + 1 : start;
        }
        Map<Integer, Integer> longest = new HashMap<>();
        for (int end = 0; end + 1 < history.length; end++) {
            int length = 0;
            while (length <= end && history[end - length] == history[history.length - 1 - length]) {
                length++;
            }
            longest.merge(history[end + 1], Math.min(length, history.length - start), Math::max);
        }
        Dry dry = new Dry(0.8f, 1.75f, 2, 64, List.of(new int[] {breaker}), 10);
        Arrays.stream(history).forEach(dry::accept);
        Candidates c = candidates(new float[10]);
        dry.apply(c);
        for (int token = 0; token < 10; token++) {
            int length = longest.getOrDefault(token, 0);
            double expected = length >= 2 ? -0.8 * Math.pow(1.75, length - 2) : 0;
            assertThat((double) c.logit(token))
                    .as("token %d", token)
                    .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-4 * (1 - expected)));
        }
    }

    @Test
    void temperatureScalesOrKeepsTheLikeliest() {
        float[] logits = logits(9);
        Candidates c = candidates(logits);
        new Temperature(0.5, 0, 1).apply(c);
        assertThat(c.logit(3)).isEqualTo(logits[3] * 2);
        Candidates greedy = candidates(logits);
        new Temperature(0, 0, 1).apply(greedy);
        assertThat(ids(greedy)).containsExactly(sorted(logits).getFirst());
        // Equal candidates have the largest entropy: the highest temperature of the range.
        Candidates flat = candidates(new float[] {1, 1, 1});
        new Temperature(1, 0.5, 1).apply(flat);
        assertThat((double) flat.logit(0)).isCloseTo(1 / 1.5, org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void drawsByProbability() {
        float[] logits = {
            (float) Math.log(0.5), (float) Math.log(0.25), (float) Math.log(0.125), (float) Math.log(0.125)
        };
        double[] p = softmax(logits);
        int[] counts = new int[4];
        Draw draw = new Draw(new SplittableRandom(5));
        int n = 40_000;
        for (int i = 0; i < n; i++) {
            counts[draw.choose(candidates(logits))]++;
        }
        double chiSquare = 0;
        for (int i = 0; i < 4; i++) {
            chiSquare += (counts[i] - n * p[i]) * (counts[i] - n * p[i]) / (n * p[i]);
        }
        assertThat(chiSquare).isLessThan(16.3); // 0.1 % for three degrees of freedom
    }

    @Test
    void mirostatAimsAtItsSurprise() {
        float[] logits = logits(11);
        double[] p = softmax(logits);
        for (TokenChooser chooser : List.of(
                new Mirostat2(3, 0.1, new SplittableRandom(3)),
                new Mirostat(3, 0.1, new SplittableRandom(3), VOCABULARY))) {
            double surprise = 0;
            int n = 4000;
            for (int i = 0; i < n; i++) {
                surprise -= Math.log(p[chooser.choose(candidates(logits))]) / Math.log(2) / n;
            }
            assertThat(surprise).isBetween(2.0, 4.0);
        }
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> SamplingOptions.defaults().withTopP(Float.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("top-p");
        assertThatThrownBy(() -> SamplerKind.parseNames("top_k;nonsense"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nonsense");
        assertThatThrownBy(() -> SamplerKind.parseLetters("ek?")).isInstanceOf(IllegalArgumentException.class);
        assertThat(SamplerKind.parseLetters("edskypmxt")).containsExactly(SamplerKind.values());
        Candidates none = candidates(new float[] {Float.NaN, Float.NEGATIVE_INFINITY});
        assertThatThrownBy(none::softmax)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no token");
    }
}
