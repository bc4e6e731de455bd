package dev.quipu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipu.cli.option.KvFlags;
import dev.quipu.kvcache.eviction.KvPreset;
import dev.quipu.kvcache.eviction.PolicyParameter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.jr.ob.JSON;

/** The command line of eviction. */
class KvFlagsTest {
    @Test
    void policiesAreListedWithPaperAndParameters() {
        QuipuRun run = QuipuRun.of("kv", "policies");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("full", "arXiv 2502.03805", "alpha=0.5");
        for (KvPreset preset : KvPreset.values()) {
            assertThat(run.out()).contains(preset.presetName(), preset.summary());
        }
        for (PolicyParameter parameter : PolicyParameter.values()) {
            assertThat(run.out()).contains(parameter.key(), parameter.meaning());
        }
    }

    @Test
    void policiesAreListedAsJson() throws Exception {
        QuipuRun run = QuipuRun.of("kv", "policies", "--json");
        assertThat(run.exitCode()).isZero();
        Map<String, Object> tree = JSON.std.mapFrom(run.out());
        assertThat((List<?>) tree.get("policies")).hasSize(1 + KvPreset.values().length);
        assertThat((List<?>) tree.get("parameters")).hasSize(PolicyParameter.values().length);
        assertThat(run.out()).contains("\"name\" : \"critical-adakv\"");
    }

    @Test
    void kvAloneIsWrongUsage() {
        QuipuRun run = QuipuRun.of("kv");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("policies");
    }

    @Test
    void aBudgetAloneIsThatOfTheBestPolicy() {
        KvFlags flags = CommandLine.populateCommand(new KvFlags(), "--kv-budget", "25%");
        assertThat(flags.evicts()).isTrue();
        assertThat(flags.text()).isEqualTo("farsight, budget 25%");
        assertThat(CommandLine.populateCommand(new KvFlags()).evicts()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--kv-policy nonsense",
                "--kv-policy snapkv,alpha=2",
                "--kv-policy snapkv,sinks=-1",
                "--kv-policy snapkv --kv-budget 0%",
                "--kv-policy snapkv --kv-budget 120%",
                "--kv-policy snapkv --kv-budget -5",
                "--kv-policy snapkv --kv-budget lots",
                "--kv-policy snapkv --kv-budget 0",
                "--kv-policy snapkv --kv-bytes 100",
                "--kv-policy snapkv,pool",
                "--kv-policy snapkv --kv-budget 100 --kv-bytes 1MiB",
                "--kv-policy snapkv --kv-positions sideways",
                "--kv-chunked",
                "--kv-policy full --kv-budget 20%"
            })
    void nonsenseIsWrongUsageInOneLine(String flags) {
        String[] arguments = ("run hello " + flags).split(" ");
        QuipuRun run = QuipuRun.of(arguments);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1).first().asString().startsWith("quipu: ");
    }
}
