package dev.quipu.runtime;

import java.util.List;

/**
 * When a generation ends by itself, besides the model's own end of turn.
 *
 * @param maxTokens most tokens to generate; -1 = until the context is full
 * @param stopTexts texts at which it stops; they are not part of the output
 */
public record GenerationLimits(int maxTokens, List<String> stopTexts) {
    public GenerationLimits {
        if (maxTokens < -1) {
            throw new IllegalArgumentException("maximum of tokens must be -1 or more, not " + maxTokens);
        }
        stopTexts = List.copyOf(stopTexts);
        if (stopTexts.contains("")) {
            throw new IllegalArgumentException("a stop text must not be empty");
        }
    }

    /** Until the model ends its turn or the context is full. */
    public static GenerationLimits none() {
        return new GenerationLimits(-1, List.of());
    }

    public GenerationLimits withMaxTokens(int tokens) {
        return new GenerationLimits(tokens, stopTexts);
    }

    public GenerationLimits withStopTexts(List<String> texts) {
        return new GenerationLimits(maxTokens, texts);
    }
}
