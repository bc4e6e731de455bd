package dev.quipu.bench.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.kernel.Precision;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class ThroughputOptionsTest {
    @Command
    private static final class Holder {
        @CommandLine.Mixin
        ThroughputOptions options = new ThroughputOptions();
    }

    private static ThroughputOptions parse(String... args) {
        Holder holder = new Holder();
        new CommandLine(holder).setPosixClusteredShortOptionsAllowed(false).parseArgs(args);
        return holder.options;
    }

    @Test
    void defaultsAreThoseOfLlamaBench() {
        ThroughputOptions options = parse("-m", "a.gguf");
        assertThat(options.workloads()).extracting(Workload::label).containsExactly("pp512", "tg128");
        Setting setting = options.settings().getFirst();
        assertThat(setting.batch()).isEqualTo(2048);
        assertThat(setting.microBatch()).isEqualTo(512);
        assertThat(setting.keys()).isEqualTo(KvType.F16);
        assertThat(setting.precision()).isEqualTo(Precision.FAST);
        assertThat(options.repetitions).isEqualTo(5);
    }

    @Test
    void timesEveryCombination() {
        ThroughputOptions options =
                parse("-m", "a,b", "-t", "1-4*2", "-ctk", "f16,q8_0", "-ub", "256", "-ub", "512", "-m", "c");
        assertThat(options.settings()).hasSize(3 * 3 * 2 * 2).doesNotHaveDuplicates();
        assertThat(options.settings().getLast().model()).isEqualTo(Path.of("c"));
    }

    @Test
    void ordersWorkloadsByDepthThenKind() {
        ThroughputOptions options = parse("-p", "8,0", "-n", "4", "-pg", "2,3", "-d", "0,16");
        assertThat(options.workloads())
                .extracting(Workload::label)
                .containsExactly("pp8", "tg4", "pp2+tg3", "pp8 @ d16", "tg4 @ d16", "pp2+tg3 @ d16");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-m x -pg 5|-pg",
                "-m x -ctk f8|-ctk",
                "-m x --precision half|--precision",
                "-m x -ub 0|-ub",
                "-m x -r 0|-r",
                "-p 1|-m",
                "-m x -p 0 -n 0|nothing"
            })
    void namesTheOptionThatIsWrong(String line, String named) {
        ThroughputOptions options = parse(line.split(" "));
        assertThatThrownBy(() -> {
                    options.workloads();
                    options.settings();
                })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }
}
