package dev.quipu.bench.eviction.report;

import java.util.Locale;

/** The numbers of a {@link Result}. */
public enum Metric {
    MEAN_L("mean_L", "output perturbation L, mean over heads, judging queries and documents"),
    HEADS_IMPROVED("heads_improved", "share of query heads with a lower L than the same score with topk"),
    HEADS_VS_SNAPKV("heads_vs_snapkv", "share of query heads with a lower L than snapkv"),
    RATIO_VS_SNAPKV("ratio_vs_snapkv", "mean L over that of snapkv"),
    GROUPS_IMPROVED(
            "groups_improved",
            "share of KV heads whose query heads have a lower L in sum than the same score with topk"),
    MEAN_KL("mean_kl", "Kullback-Leibler divergence from the full cache, nats per token"),
    MEDIAN_KL("median_kl", "its median over tokens: what happens to most of them"),
    P99_KL("p99_kl", "its 99th percentile over tokens"),
    KL_VS_SNAPKV("kl_vs_snapkv", "mean KL less that of snapkv at the same bytes, on the same documents"),
    KL_VS_H2O("kl_vs_h2o", "mean KL less that of h2o at the same bytes, on the same documents"),
    KL_VS_STREAMING("kl_vs_streaming", "mean KL less that of streaming at the same bytes, on the same documents"),
    KL_VS_RANDOM("kl_vs_random", "mean KL less that of random at the same bytes, on the same documents"),
    DELTA_NLL("delta_nll", "how much worse the text is predicted, nats per token"),
    TOP1_AGREEMENT("top1_agreement", "share of tokens whose likeliest successor is the full cache's"),
    RETRIEVAL_ACCURACY(
            "retrieval_accuracy", "share of questions answered exactly, where the full cache answers 60 % or more"),
    ANSWER_NLL("answer_nll", "negative log-likelihood of the right answer, nats per token, all questions"),
    ANSWER_RANK("answer_rank", "mean rank of the right answer's tokens, all questions"),
    KV_BYTES("kv_bytes", "bytes of keys and values kept, whole pages"),
    PROMPT_TOK_S("prompt_tok_s", "prompt tokens per second, eviction included"),
    DECODE_TOK_S("decode_tok_s", "generated tokens per second after eviction"),
    RESIDENT_BYTES("resident_bytes", "bytes that the cache holds after eviction, with its statistics"),
    EVICTION_MS("eviction_ms", "time of one eviction after the prompt");

    private final String key;
    private final String meaning;

    Metric(String key, String meaning) {
        this.key = key;
        this.meaning = meaning;
    }

    /** Its name in JSON and CSV. */
    public String key() {
        return key;
    }

    public String meaning() {
        return meaning;
    }

    /** A value for a person. */
    String text(double value) {
        return switch (this) {
            case HEADS_IMPROVED, HEADS_VS_SNAPKV, GROUPS_IMPROVED, TOP1_AGREEMENT, RETRIEVAL_ACCURACY ->
                String.format(Locale.ROOT, "%.1f %%", 100 * value);
            case KV_BYTES, RESIDENT_BYTES -> String.format(Locale.ROOT, "%.2f MiB", value / (1 << 20));
            case PROMPT_TOK_S, DECODE_TOK_S, EVICTION_MS, ANSWER_RANK -> String.format(Locale.ROOT, "%.1f", value);
            case MEAN_L -> String.format(Locale.ROOT, "%.2f", value);
            default -> String.format(Locale.ROOT, "%.3f", value);
        };
    }
}
