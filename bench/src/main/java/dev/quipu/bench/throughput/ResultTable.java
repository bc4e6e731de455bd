package dev.quipu.bench.throughput;

import dev.quipu.bench.table.Column;
import dev.quipu.bench.table.Field;
import dev.quipu.bench.table.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The table for people: llama-bench's columns, of the parameters only those that are not everywhere the default, then the
 * machine's limits and the peer where they have been measured.
 */
final class ResultTable {
    private final Map<Column, Function<Result, String>> columns = new LinkedHashMap<>();

    /**
     * @param settings of all rows
     * @param limits whether limits are measured
     * @param peer whether there is a peer
     */
    ResultTable(List<Setting> settings, boolean limits, boolean peer) {
        add("model", -30, result -> result.model().description());
        add("size", 10, result -> size(result.model().bytes()));
        add("params", 10, result -> parameters(result.model().parameters()));
        add("backend", -10, result -> "Java");
        add("threads", 7, result -> "" + result.model().threads());
        addUnless(settings, Setting::batch, 2048, "n_batch", 7);
        addUnless(settings, Setting::microBatch, 512, "n_ubatch", 8);
        addUnless(settings, setting -> lower(setting.keys()), "f16", "type_k", 6);
        addUnless(settings, setting -> lower(setting.values()), "f16", "type_v", 6);
        addUnless(settings, setting -> setting.kernel().text(), "auto", "kernel", 6);
        addUnless(settings, setting -> lower(setting.precision()), "fast", "precision", 9);
        add("test", 15, result -> result.workload().label());
        add("t/s", 20, result -> plusMinus(result.tokensPerSecond()));
        if (limits) {
            add("read", 6, result -> share(result.readShare()));
            add("FP32", 6, result -> share(result.fp32Share()));
            add("int16", 6, result -> share(result.int16Share()));
            add("B/token", 8, result -> String.format(Locale.ROOT, "%.0f", result.allocatedPerToken()));
        }
        if (peer) {
            add("peer t/s", 20, result -> result.peerTokensPerSecond()
                    .map(ResultTable::plusMinus)
                    .orElse(""));
            add("ratio of medians", 18, result -> result.ratio()
                    .map(r -> String.format(Locale.ROOT, "%.2f [%.2f, %.2f]", r.value(), r.low(), r.high()))
                    .orElse(""));
        }
    }

    private void add(String title, int width, Function<Result, String> text) {
        columns.put(new Column(title, width), text);
    }

    private <T> void addUnless(
            List<Setting> settings, Function<Setting, T> parameter, T byDefault, String title, int width) {
        if (!settings.stream().allMatch(setting -> parameter.apply(setting).equals(byDefault))) {
            add(title, width, result -> "" + parameter.apply(result.setting()));
        }
    }

    List<Column> columns() {
        return List.copyOf(columns.keySet());
    }

    Row row(Result result) {
        List<String> cells =
                columns.values().stream().map(text -> text.apply(result)).toList();
        List<Long> nanos = result.laps().stream().map(Stopwatch.Lap::nanos).toList();
        List<Double> tokens = new ArrayList<>();
        for (double value : result.tokensPerSecond().values()) {
            tokens.add(value);
        }
        List<Field> fields = ResultFields.of(result);
        return new Row(fields, nanos, tokens, cells);
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String size(long bytes) {
        return bytes < 1L << 30 ? format(bytes / 0x1p20) + " MiB" : format(bytes / 0x1p30) + " GiB";
    }

    private static String parameters(long count) {
        return count < 1_000_000_000 ? format(count / 1e6) + " M" : format(count / 1e9) + " B";
    }

    private static String plusMinus(Samples samples) {
        return format(samples.mean()) + " ± " + format(samples.standardDeviation());
    }

    private static String share(double part) {
        return Double.isNaN(part) ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * part);
    }

    private static String format(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
