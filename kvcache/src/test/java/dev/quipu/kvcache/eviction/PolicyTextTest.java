package dev.quipu.kvcache.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTextTest {
    @ParameterizedTest
    @EnumSource(KvPreset.class)
    void aPresetIsItsName(KvPreset preset) {
        assertThat(KvPolicy.parse(preset.presetName())).isEqualTo(preset.policy());
        assertThat(preset.policy().text()).isEqualTo(preset.presetName());
        for (PolicyParameter parameter : PolicyParameter.values()) {
            parameter.get(preset.policy()).ifPresent(value -> assertThat(parameter.set(preset.policy(), value))
                    .isEqualTo(preset.policy()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "snapkv sinks=8 window=16 pool=none",
                "criticalkv pool=max7 alpha=0.25 epsilon=0.0 group=kvpress",
                "snapkv score=loo selection=critical layers=global pool=avg5 floor=1.0E-4 alpha=1.0",
                "adakv safeguard=0.5",
                "criticalkv alpha=0.0 epsilon=0.0 centre=mean",
                "snapkv pool=none over=max across=max",
                "loo selection=staged over=square alpha=0.25",
                "pyramidkv beta=10.0",
                "corm age=100",
                "random seed=7",
                "snapkv ties=recent",
                "foresight horizon=256 sample=0.5",
                "snapkv heads=ada claims=defensive",
                "farsight prior=0.0 claims=score",
                "criticalkv norm=l1",
                "h2o score=expected selection=lambda heads=ada layers=prefix"
            })
    void textIsReadAndWritten(String text) {
        KvPolicy policy = KvPolicy.parse(text);
        assertThat(policy.text()).isEqualTo(text);
        assertThat(policy).isNotEqualTo(KvPreset.named(policy.name()).policy());
    }

    @Test
    void parametersAreSet() {
        assertThat(KvPolicy.parse("criticalkv alpha=0.25,epsilon=0").selection())
                .isEqualTo(new Critical(0.25f, 0, false, ValueNorm.L2, false));
        assertThat(KvPolicy.parse("criticalkv norm=l1").selection()).isEqualTo(new Critical(0.5f, 1e-4f, false));
        assertThat(KvPolicy.parse("loo floor=1e-4").scorer()).isEqualTo(new LeaveOneOut(1e-4f, Pooling.NONE));
        assertThat(KvPolicy.parse("snapkv window=8").window()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "best",
                "",
                "snapkv alpha=0.5",
                "snapkv window",
                "snapkv window=33",
                "snapkv window=x",
                "snapkv pool=max4",
                "snapkv pool=min3",
                "snapkv colour=red",
                "criticalkv alpha=2",
                "criticalkv epsilon=NaN",
                "criticalkv norm=l3",
                "snapkv score=best"
            })
    void nonsenseIsNamed(String text) {
        String last = Arrays.stream(text.split("[ =]")).reduce("", (a, b) -> b);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvPolicy.parse(text))
                .withMessageContaining(text.contains("=") ? text.split("[ =]")[1] : last);
    }
}
