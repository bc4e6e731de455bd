package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipu.kvcache.EvictionPlan;
import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.Perturbation;
import dev.quipu.kvcache.PerturbationTable;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.KvPreset;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.kvcache.eviction.Threshold;
import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.KvOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.SessionOptions;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies through the whole of a small model: one evaluation, many choices. */
final class SessionEvictionTest {
    private static final KvBudget BUDGET = new KvBudget.Tokens(60);
    private static final int[] TEXT = text(200);

    private static Model model;

    @BeforeAll
    static void open(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.gguf");
        ModelFileBuilder.attentive(3).integer("llama.context_length", 512).write(file);
        EngineOptions options =
                EngineOptions.defaults().withPrecision(Precision.FLOAT).withThreads(2);
        model = Model.open(file, options);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int[] text(int tokens) {
        return new Random(7).ints(tokens, 3, 8).toArray();
    }

    private static Session session(KvType type) {
        return session(model, type);
    }

    private static Session session(Model model, KvType type) {
        KvOptions kv =
                KvOptions.defaults().withKeys(type).withValues(type).withStatistics(EnumSet.allOf(Statistic.class));
        return model.newSession(SessionOptions.defaults().withBatchTokens(64).withKv(kv));
    }

    /** When a policy evicts. */
    enum Moment {
        /** Between two chunks of the prompt; the rest of it follows. */
        IN_THE_PROMPT(128, 72),
        /** After the prompt; single tokens follow. */
        AFTER_THE_PROMPT(150, 1),
        /** While generating: the last tokens came one by one. */
        WHILE_GENERATING(140, 1);

        private final int before;
        private final int batch;

        Moment(int before, int batch) {
            this.before = before;
            this.batch = batch;
        }

        private void begin(Session session) {
            session.evaluate(Arrays.copyOf(TEXT, before));
            for (int i = 0; this == WHILE_GENERATING && i < 10; i++) {
                session.evaluate(TEXT[before + i]);
            }
        }
    }

    static Stream<Arguments> everything() {
        List<Arguments> cases = new ArrayList<>();
        for (KvPreset preset : KvPreset.values()) {
            for (KvType type : KvType.values()) {
                for (Moment moment : Moment.values()) {
                    cases.add(Arguments.of(preset, type, moment));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("everything")
    void maskedAndCompactedComputationAgree(KvPreset preset, KvType type, Moment moment) {
        KvPolicy policy = preset == KvPreset.CORM ? preset.policy().withSelection(new Threshold(50)) : preset.policy();
        try (Session full = session(type)) {
            moment.begin(full);
            EvictionPlan plan = full.plan(policy, BUDGET);
            try (Session masked = full.fork();
                    Session compacted = full.fork()) {
                masked.mask(plan);
                assertThat(compacted.apply(plan).evicted()).isPositive();
                for (int i = full.position(); i + moment.batch <= TEXT.length && i < 175; i += moment.batch) {
                    int[] next = Arrays.copyOfRange(TEXT, i, i + moment.batch);
                    float[] expected = masked.evaluate(next);
                    float[] actual = compacted.evaluate(next);
                    assertClose(actual, expected);
                }
            }
        }
    }

    private static void assertClose(float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f * Math.max(1, Math.abs(expected[i]))));
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void whatIsHiddenOrEvictedMatters(KvType type) {
        try (Session full = session(type)) {
            full.evaluate(Arrays.copyOf(TEXT, 150));
            EvictionPlan plan = full.plan(KvPreset.STREAMING.policy(), BUDGET);
            try (Session masked = full.fork()) {
                masked.mask(plan);
                assertThat(masked.evaluate(TEXT[150])).isNotEqualTo(full.evaluate(TEXT[150]));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvPreset.class)
    void aBudgetOfEverythingGivesTheSameLogitsBitByBit(KvPreset preset) {
        KvPolicy policy =
                preset == KvPreset.CORM ? preset.policy().withSelection(new Threshold(1000)) : preset.policy();
        try (Session full = session(model, KvType.F16)) {
            full.evaluate(Arrays.copyOf(TEXT, 150));
            try (Session evicting = full.fork()) {
                for (int i = 150; i < 180; i++) {
                    if (i % 10 == 0) {
                        EvictionPlan plan = evicting.plan(policy, new KvBudget.All());
                        assertThat(evicting.apply(plan).evicted()).isZero();
                    }
                    assertThat(evicting.evaluate(TEXT[i])).isEqualTo(full.evaluate(TEXT[i]));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvPreset.class)
    void aSessionThatMayKeepEverythingIsAsOneWithoutAPolicy(KvPreset preset) {
        KvPolicy policy =
                preset == KvPreset.CORM ? preset.policy().withSelection(new Threshold(1000)) : preset.policy();
        for (KvType type : KvType.values()) {
            KvOptions plain = KvOptions.defaults().withKeys(type).withValues(type);
            KvOptions evicting = plain.evicting(policy, new KvBudget.All()).withChunked(true);
            SessionOptions options = SessionOptions.defaults().withBatchTokens(64);
            try (Session full = model.newSession(options.withKv(plain));
                    Session session = model.newSession(options.withKv(evicting))) {
                assertThat(session.evaluate(TEXT)).isEqualTo(full.evaluate(TEXT));
                for (int i = 0; i < 70; i++) {
                    assertThat(session.evaluate(TEXT[i])).isEqualTo(full.evaluate(TEXT[i]));
                }
            }
        }
    }

    @Test
    void forksShareMemoryAndGoTheirOwnWays() {
        KvOptions kv = KvOptions.defaults().withStatistics(KvPreset.LOO.policy().needs());
        try (Session base = model.newSession(SessionOptions.defaults().withKv(kv));
                Session alone = model.newSession(SessionOptions.defaults().withKv(kv))) {
            base.evaluate(Arrays.copyOf(TEXT, 100));
            long bytes = base.kvHeldBytes();
            try (Session fork = base.fork()) {
                assertThat(fork.tokens()).isEqualTo(base.tokens());
                assertThat(fork.kvHeldBytes()).isEqualTo(bytes);
                assertThat(fork.kvBytes()).isEqualTo(base.kvBytes());
                fork.apply(fork.plan(KvPreset.LOO.policy(), BUDGET));
                fork.evaluate(5, 6, 7);
                assertThat(fork.kvHeldBytes()).isLessThan(bytes);
                fork.truncate(20);
                fork.evaluate(3, 4);
            }
            alone.evaluate(Arrays.copyOf(TEXT, 100));
            assertThat(base.evaluate(6, 7)).isEqualTo(alone.evaluate(6, 7));
            assertThat(base.cellPositions(2, 0)).hasSize(102);
        }
    }

    @Test
    void aForkOutlivesWhatItCameFrom() {
        Session base = session(model, KvType.F16);
        base.evaluate(Arrays.copyOf(TEXT, 100));
        try (Session fork = base.fork();
                Session other = session(model, KvType.F16)) {
            base.close();
            other.evaluate(Arrays.copyOf(TEXT, 100));
            assertThat(fork.evaluate(3)).isEqualTo(other.evaluate(3));
        }
    }

    @Test
    void theAuditIsOfTheModelsOwnProjection() {
        try (Session full = session(KvType.F32)) {
            full.evaluate(Arrays.copyOf(TEXT, 128));
            EvictionPlan tight = full.plan(KvPreset.SNAPKV.policy(), new KvBudget.Tokens(40));
            EvictionPlan wide = full.plan(KvPreset.SNAPKV.policy(), new KvBudget.Tokens(120));
            EvictionPlan all = full.plan(KvPreset.SNAPKV.policy(), new KvBudget.All());
            full.evaluate(Arrays.copyOfRange(TEXT, 128, 160));
            PerturbationTable table = full.audit(List.of(tight, wide, all), 32);
            assertThat(table.queries()).hasSize(32).startsWith(128).endsWith(159);
            for (int layer = 0; layer < 3; layer++) {
                for (int head = 0; head < 2; head++) {
                    assertThat(table.meanLoss(0, layer, head)).isGreaterThan(table.meanLoss(1, layer, head));
                    assertThat(table.meanLoss(2, layer, head)).isZero();
                    Perturbation one = table.of(0, layer, head, 31);
                    assertThat(one.loss()).isLessThanOrEqualTo(one.bound());
                }
            }
        }
    }
}
