package dev.quipu.runtime.tokenizer;

/** Metadata that do not describe a tokenizer this runtime knows; the message names the key, and what is expected. */
public final class TokenizerFormatException extends IllegalArgumentException {
    TokenizerFormatException(String message) {
        super(message);
    }
}
