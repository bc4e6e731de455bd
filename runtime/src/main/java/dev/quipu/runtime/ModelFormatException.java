package dev.quipu.runtime;

import java.io.IOException;

/**
 * A valid GGUF file that is not a model this runtime can run: the message names the key or tensor, what was expected and
 * what was found.
 */
public final class ModelFormatException extends IOException {
    public ModelFormatException(String message) {
        super(message);
    }

    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
