package dev.quipu.cli.option;

import dev.quipu.cli.CommandFailure;
import dev.quipu.kvcache.eviction.KvBudget;
import dev.quipu.kvcache.eviction.KvPolicy;
import dev.quipu.kvcache.eviction.KvPreset;
import dev.quipu.kvcache.eviction.Threshold;
import dev.quipu.runtime.KvOptions;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a session may forget. */
public final class KvFlags {
    private static final String FULL = "full";

    /** Leaves next tokens nearest to the full cache's at any budget measured (kvcache/docs/measured.md). */
    private static final String BEST = KvPreset.FARSIGHT.presetName();

    @Option(
            names = "--kv-policy",
            paramLabel = "NAME[,KEY=VALUE...]",
            description = "What leaves the KV cache when it outgrows its budget; quipu kv policies lists them."
                    + " Default: farsight if there is a budget, else full, and nothing leaves.")
    private String policy = "";

    @Option(
            names = "--kv-budget",
            paramLabel = "SIZE",
            description = "What stays: a share of the tokens (20%%), tokens (1024) or bytes (64MiB). Default: 20%%.")
    private String budget = "";

    @Option(
            names = "--kv-bytes",
            paramLabel = "SIZE",
            description = "What stays, in bytes (64MiB): with -ctk and -ctv, more tokens at lower precision.")
    private String bytes = "";

    @Option(
            names = "--kv-chunked",
            description = "Evict between the batches of a prompt too: memory never exceeds the budget by more than two"
                    + " batches (-ub). Always so for a budget in bytes.")
    private boolean chunked;

    @Option(
            names = "--kv-positions",
            paramLabel = "renew|keep",
            defaultValue = "renew",
            description = "At the end of the model's context, what is kept moves together and gets new positions, or"
                    + " positions go on beyond it. Default: renew.")
    private String positions = "renew";

    @Option(names = "--no-kv-protect-system", description = "The system prompt may be evicted as well.")
    private boolean unprotected;

    /** Whether anything may leave. */
    public boolean evicts() {
        return !policy().equalsIgnoreCase(FULL);
    }

    private String policy() {
        return !policy.isBlank() ? policy.strip() : budget.isEmpty() && bytes.isEmpty() ? FULL : BEST;
    }

    /** Whether the system prompt stays whatever it scores. */
    public boolean protectsSystem() {
        return evicts() && !unprotected;
    }

    /** The policy and its budget in words. */
    public String text() {
        boolean budgeted = !(KvPolicy.parse(policy()).selection() instanceof Threshold);
        return policy() + (budgeted ? ", budget " + budgetText() : ", whatever the budget");
    }

    /** Finds nonsense before a model is opened. */
    public void check() {
        options(KvOptions.defaults());
    }

    /** Adds what these flags say. */
    KvOptions options(KvOptions base) {
        if (!budget.isEmpty() && !bytes.isEmpty()) {
            throw CommandFailure.usage("--kv-budget and --kv-bytes exclude each other");
        }
        try {
            boolean endless = endless();
            if (!evicts()) {
                forgetsNothing("--kv-budget", budget.isEmpty());
                forgetsNothing("--kv-bytes", bytes.isEmpty());
                forgetsNothing("--kv-chunked", !chunked);
                return base;
            }
            KvOptions options =
                    base.evicting(KvPolicy.parse(policy()), parseBudget()).withEndless(endless);
            return chunked ? options.withChunked(true) : options;
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()));
        }
    }

    private static void forgetsNothing(String option, boolean absent) {
        if (!absent) {
            throw new IllegalArgumentException(option + " needs a --kv-policy that forgets");
        }
    }

    private String budgetText() {
        return bytes.isEmpty()
                ? Optional.of(budget).filter(text -> !text.isEmpty()).orElse("20%")
                : bytes;
    }

    private KvBudget parseBudget() {
        KvBudget parsed = KvBudget.parse(budgetText());
        if (!bytes.isEmpty() && !(parsed instanceof KvBudget.Bytes)) {
            throw new IllegalArgumentException("--kv-bytes " + bytes + ": write bytes as 512KiB, 64MiB or 1GiB");
        }
        return parsed;
    }

    private boolean endless() {
        return switch (positions) {
            case "renew" -> true;
            case "keep" -> false;
            default ->
                throw new IllegalArgumentException("--kv-positions must be renew or keep, not '" + positions + "'");
        };
    }
}
