package dev.quipu.kvcache;

import java.io.IOException;
import java.nio.file.Path;

/** A file does not hold a KV cache that can be restored here: not one, damaged, or of another model. */
public final class KvSnapshotException extends IOException {
    private static final long serialVersionUID = 1;

    KvSnapshotException(Path file, String reason) {
        super(file + ": " + reason);
    }
}
