package dev.quipu.bench.throughput;

import dev.quipu.bench.limit.Limits;
import dev.quipu.bench.peer.PeerSpeed;
import dev.quipu.bench.table.Field;
import dev.quipu.runtime.Model;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** A result as fields: llama-bench's names, order and units first, then our own. */
final class ResultFields {
    private ResultFields() {}

    static List<Field> of(Result result) {
        Setting setting = result.setting();
        Workload workload = result.workload();
        Model model = result.model();
        Samples nanos = result.nanos();
        Samples tokens = result.tokensPerSecond();
        Optional<Limits> limits = result.limits();
        Optional<Ratio> ratio = result.ratio();
        return List.of(
                Field.text("build_commit", Build.version()),
                Field.integer("build_number", 0),
                Field.text("cpu_info", Build.processor() + ", " + Build.java() + ", " + model.kernels()),
                Field.text("gpu_info", ""),
                Field.text("backends", "Java"),
                Field.text("model_filename", setting.model().toString()),
                Field.text("model_type", model.description()),
                Field.integer("model_size", model.bytes()),
                Field.integer("model_n_params", model.parameters()),
                Field.integer("n_batch", setting.batch()),
                Field.integer("n_ubatch", setting.microBatch()),
                Field.integer("n_threads", model.threads()),
                Field.text("cpu_mask", "0x0"),
                Field.flag("cpu_strict", false),
                Field.integer("poll", 50),
                Field.text("type_k", ResultTable.lower(setting.keys())),
                Field.text("type_v", ResultTable.lower(setting.values())),
                Field.integer("n_gpu_layers", 0),
                Field.text("split_mode", "none"),
                Field.integer("main_gpu", 0),
                Field.flag("no_kv_offload", false),
                Field.flag("flash_attn", true),
                Field.text("tensor_split", "0.00"),
                Field.flag("use_mmap", true),
                Field.flag("embeddings", false),
                Field.integer("n_prompt", workload.prompt()),
                Field.integer("n_gen", workload.generated()),
                Field.integer("n_depth", workload.depth()),
                Field.text(
                        "test_time",
                        result.begun().truncatedTo(ChronoUnit.SECONDS).toString()),
                Field.integer("avg_ns", Math.round(nanos.mean())),
                Field.integer("stddev_ns", Math.round(nanos.standardDeviation())),
                Field.real("avg_ts", tokens.mean()),
                Field.real("stddev_ts", tokens.standardDeviation()),
                Field.real("median_ts", tokens.median()),
                Field.text("kernel", setting.kernel().text()),
                Field.text("precision", ResultTable.lower(setting.precision())),
                Field.real("allocated_bytes_per_token", result.allocatedPerToken()),
                Field.real(
                        "limit_read_gb_s", limits.map(l -> l.readBytes() / 1e9).orElse(Double.NaN)),
                Field.real("limit_fp32_gmac_s", limits.map(l -> l.fp32() / 1e9).orElse(Double.NaN)),
                Field.real(
                        "limit_int16_gmac_s", limits.map(l -> l.int16() / 1e9).orElse(Double.NaN)),
                Field.real("read_share", result.readShare()),
                Field.real("fp32_share", result.fp32Share()),
                Field.real("int16_share", result.int16Share()),
                Field.text(
                        "peer",
                        result.peer().stream()
                                .findFirst()
                                .map(PeerSpeed::engine)
                                .orElse("")),
                Field.real(
                        "peer_median_ts",
                        result.peerTokensPerSecond().map(Samples::median).orElse(Double.NaN)),
                Field.real("peer_ratio", ratio.map(Ratio::value).orElse(Double.NaN)),
                Field.real("peer_ratio_low", ratio.map(Ratio::low).orElse(Double.NaN)),
                Field.real("peer_ratio_high", ratio.map(Ratio::high).orElse(Double.NaN)));
    }
}
