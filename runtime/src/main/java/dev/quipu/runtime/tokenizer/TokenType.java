package dev.quipu.runtime.tokenizer;

/** Kinds of tokens, in the order of {@code tokenizer.ggml.token_type}'s numbers. */
enum TokenType {
    UNDEFINED,
    NORMAL,
    UNKNOWN,
    /** Steers the model; never text, unless asked for. */
    CONTROL,
    /** Text that is always one token. */
    USER_DEFINED,
    UNUSED,
    /** One byte, written {@code <0xAB>}. */
    BYTE
}
