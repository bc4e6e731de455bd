package dev.quipu.runtime.tokenizer;

/** Cuts text that holds no special tokens into tokens. */
interface SubwordModel {
    void encode(String text, IntList out);

    /** The bytes that a token which is plain text stands for. */
    byte[] bytes(int token);
}
