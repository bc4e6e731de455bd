/**
 * Text to tokens and back: SentencePiece-style BPE over scores ({@code llama}) and byte-level BPE over merges
 * ({@code gpt2}), as the file's metadata describe them.
 */
@NullMarked
package dev.quipu.runtime.tokenizer;

import org.jspecify.annotations.NullMarked;
