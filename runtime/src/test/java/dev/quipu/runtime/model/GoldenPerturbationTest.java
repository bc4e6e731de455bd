package dev.quipu.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipu.gguf.GoldenFiles;
import dev.quipu.kvcache.EvictionPlan;
import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.Perturbation;
import dev.quipu.kvcache.PerturbationTable;
import dev.quipu.kvcache.eviction.HeadObservation;
import dev.quipu.kvcache.eviction.Statistic;
import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.KvOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.SessionOptions;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.kernel.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.jr.ob.JSON;

/**
 * Attention, value norms, perturbation and its bound of a whole model against float64 figures that
 * {@code eviction_golden.py} has written.
 */
final class GoldenPerturbationTest {
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @EnumSource(
            value = KernelChoice.class,
            names = {"AUTO", "SCALAR"})
    void agreesWithFloat64(KernelChoice kernel) throws IOException {
        Map<String, Object> golden;
        try (InputStream in =
                Objects.requireNonNull(GoldenPerturbationTest.class.getResourceAsStream("perturbation-float64.json"))) {
            golden = JSON.std.mapFrom(in);
        }
        int[] tokens = list(golden, "tokens").stream()
                .mapToInt(token -> ((Number) token).intValue())
                .toArray();
        EngineOptions options =
                EngineOptions.defaults().withPrecision(Precision.FLOAT).withKernel(kernel);
        KvOptions kv = KvOptions.defaults()
                .withKeys(KvType.F32)
                .withValues(KvType.F32)
                .withStatistics(EnumSet.of(Statistic.WINDOW_ATTENTION, Statistic.VALUE_NORM));
        try (Model model =
                        Model.open(GoldenFiles.require("golden/tiny").resolve((String) golden.get("model")), options);
                Session session = model.newSession(SessionOptions.defaults().withKv(kv))) {
            session.evaluate(tokens);
            EvictionPlan plan = session.plan(kept(golden, model.config()));
            PerturbationTable table = session.audit(List.of(plan), 4);
            for (Object entry : list(golden, "heads")) {
                compare((Map<?, ?>) entry, session, table);
            }
        }
    }

    private static BitSet[][] kept(Map<String, Object> golden, ModelConfig config) {
        BitSet cells = new BitSet();
        list(golden, "kept").forEach(cell -> cells.set(((Number) cell).intValue()));
        BitSet[][] kept = new BitSet[config.layers()][config.kvHeads()];
        for (BitSet[] layer : kept) {
            Arrays.fill(layer, cells);
        }
        return kept;
    }

    private static void compare(Map<?, ?> expected, Session session, PerturbationTable table) {
        int layer = ((Number) Objects.requireNonNull(expected.get("layer"))).intValue();
        int head = ((Number) Objects.requireNonNull(expected.get("head"))).intValue();
        int group = session.model().config().heads() / session.model().config().kvHeads();
        HeadObservation seen = session.observe(layer, head / group, 1);
        int lane = seen.lanes()[0];
        List<?> attention = list(expected, "attention");
        List<?> norms = list(expected, "u");
        assertThat(seen.cells()).isEqualTo(attention.size());
        for (int cell = 0; cell < seen.cells(); cell++) {
            float weight = seen.attention()[head % group][cell * HeadObservation.LANES + lane];
            assertThat((double) weight).isCloseTo(number(attention.get(cell)), within(TOLERANCE));
            double norm = number(norms.get(cell));
            assertThat((double) seen.valueNorms()[head % group][cell]).isCloseTo(norm, within(TOLERANCE * norm));
        }
        List<?> queries = list(expected, "queries");
        for (int i = 0; i < queries.size(); i++) {
            Map<?, ?> query = (Map<?, ?>) queries.get(i);
            Perturbation actual = table.of(0, layer, head, i);
            assertThat((double) actual.position()).isEqualTo(number(query.get("position")));
            assertThat(actual.evictedMass()).isCloseTo(number(query.get("m")), within(TOLERANCE));
            assertThat(actual.loss())
                    .isCloseTo(number(query.get("L")), within(TOLERANCE * Math.max(1, number(query.get("L")))));
            if (query.get("theta") != null) {
                double theta = number(query.get("theta"));
                assertThat(actual.bound()).isCloseTo(theta, within(TOLERANCE * Math.max(1, theta)));
            }
        }
    }

    private static List<?> list(Map<?, ?> map, String key) {
        return (List<?>) Objects.requireNonNull(map.get(key));
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }
}
