package dev.quipu.runtime;

import java.util.Locale;

/** A session would need more memory than the machine has to give; thrown before anything is computed. */
public final class InsufficientMemoryException extends RuntimeException {
    private final long neededBytes;
    private final long availableBytes;

    InsufficientMemoryException(int contextTokens, long neededBytes, long availableBytes) {
        super(String.format(
                Locale.ROOT,
                "a context of %d tokens needs %.1f MiB for the KV cache, but only %.1f MiB of memory are available;"
                        + " choose a smaller context or a smaller KV type",
                contextTokens,
                neededBytes / 1048576.0,
                availableBytes / 1048576.0));
        this.neededBytes = neededBytes;
        this.availableBytes = availableBytes;
    }

    public long neededBytes() {
        return neededBytes;
    }

    public long availableBytes() {
        return availableBytes;
    }
}
