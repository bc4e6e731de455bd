package dev.quipu.gguf;

import java.io.IOException;

/** A file that is not valid GGUF: what was being read, what is wrong with it, and at which byte. */
public final class GgufFormatException extends IOException {
    private final long offset;

    /** @param offset byte offset in the file at which the defect was noticed */
    public GgufFormatException(String message, long offset) {
        super(message + " (at byte " + offset + ")");
        this.offset = offset;
    }

    /** Byte offset in the file at which the defect was noticed. */
    public long offset() {
        return offset;
    }
}
