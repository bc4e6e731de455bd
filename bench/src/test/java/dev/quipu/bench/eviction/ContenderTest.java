package dev.quipu.bench.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipu.kvcache.KvType;
import dev.quipu.kvcache.eviction.KvPreset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContenderTest {
    private static List<String> texts(String list) {
        return Contender.parseList(list).stream().map(Contender::text).toList();
    }

    @Test
    void whatHasAnEqualsSignBelongsToThePolicyBeforeIt() {
        assertThat(texts("snapkv,pool=none, window=16,loo ,snapkv"))
                .containsExactly("snapkv window=16 pool=none", "loo", "snapkv");
        assertThat(texts("loo,loo")).containsExactly("loo");
        assertThatIllegalArgumentException().isThrownBy(() -> texts("pool=none"));
    }

    @Test
    void setsHaveNames() {
        assertThat(texts("presets")).hasSize(KvPreset.values().length).contains("snapkv", "layer-defensivekv");
        assertThat(texts("ablation")).hasSize(3 * (1 + 16)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({
        "criticalkv, snapkv pool=avg5",
        "criticalkv pool=none epsilon=0, snapkv pool=none",
        "loo, snapkv pool=none",
        "loo pool=max3 selection=staged, snapkv pool=max3",
        "snapkv, snapkv",
        "h2o, h2o",
        "adakv, adakv",
        "defensivekv, defensivekv selection=topk",
        "loo heads=ada sinks=0, snapkv heads=ada sinks=0 pool=none",
        "foresight, snapkv pool=none"
    })
    void itMustBeatItsScoreWithTopk(String text, String baseline) {
        assertThat(Contender.parse(text).baseline().text()).isEqualTo(baseline);
    }

    @Test
    void sinksAreProtectedWhereTheyAreAskedFor() {
        assertThat(Contender.parse("snapkv").withoutSinks().sinks()).isZero();
        assertThat(Contender.parse("snapkv sinks=4").withoutSinks().sinks()).isEqualTo(4);
        assertThat(Contender.parse("streaming").withoutSinks().sinks()).isEqualTo(4);
        assertThat(Contender.parse("random").withoutSinks().sinks()).isEqualTo(4);
        assertThat(Contender.parse("pyramidkv").withoutSinks().sinks()).isEqualTo(4);
        assertThat(Contender.parse("adakv").withoutSinks().sinks()).isZero();
    }

    @Test
    void rowsAreReadAndWritten() {
        assertThat(Rows.parseList("f16,q8_0/q4_0"))
                .containsExactly(new Rows(KvType.F16, KvType.F16), new Rows(KvType.Q8_0, KvType.Q4_0));
        assertThat(Rows.parse("q8_0/q4_0").text()).isEqualTo("q8_0/q4_0");
        assertThat(Rows.parse("Q4_0").text()).isEqualTo("q4_0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rows.parse("q5_0"))
                .withMessageContaining("q5_0");
    }
}
