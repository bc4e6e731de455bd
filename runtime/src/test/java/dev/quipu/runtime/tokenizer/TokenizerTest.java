package dev.quipu.runtime.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Both kinds of tokenizer on vocabularies small enough to check by hand. */
final class TokenizerTest {
    @Test
    void sentencePiecePutsASpaceBeforeTextAndBehindSpecialTokens() {
        Tokenizer tokenizer = SmallTokenizers.spm()
                .integer("tokenizer.ggml.bos_token_id", 1)
                .integer("tokenizer.ggml.eos_token_id", 2)
                .build();
        assertThat(tokenizer.encode("ab", true, true)).containsExactly(1, 263);
        assertThat(tokenizer.encode("ab</s>ab ab", false, true)).containsExactly(263, 2, 263, 263);
        assertThat(tokenizer.encode("", true, true)).containsExactly(1);
        assertThat(tokenizer.decode(new int[] {1, 263, 263}, false)).isEqualTo("ab ab");
    }

    @Test
    void sentencePieceWithoutSpacePrefix() {
        Tokenizer tokenizer = SmallTokenizers.spm()
                .flag("tokenizer.ggml.add_space_prefix", false)
                .flag("tokenizer.ggml.add_bos_token", false)
                .flag("tokenizer.ggml.add_eos_token", true)
                .integer("tokenizer.ggml.eos_token_id", 2)
                .build();
        assertThat(tokenizer.encode("ab ab", true, false)).containsExactly(262, 263, 2);
        assertThat(tokenizer.decode(new int[] {263}, false)).isEqualTo(" ab");
    }

    @Test
    void whatIsNoTokenBecomesBytes() {
        assertThat(SmallTokenizers.spm().build().encode("é", false, false)).containsExactly(259, 3 + 0xC3, 3 + 0xA9);
        assertThat(SmallTokenizers.bpe().build().encode("é", false, false)).containsExactly(0xC3, 0xA9);
    }

    @Test
    void byteLevelMergesWithinWords() {
        Tokenizer tokenizer = SmallTokenizers.bpe()
                .flag("tokenizer.ggml.add_space_prefix", true)
                .build();
        assertThat(tokenizer.encode("ab ab\nab", false, false)).containsExactly(256, 257, '\n', 256);
    }

    @Test
    void controlTokensAreTextUnlessParsed() {
        SmallTokenizers small = SmallTokenizers.bpe();
        int control = small.size();
        small.token("<|x|>", TokenType.CONTROL).token("<|y|>", TokenType.USER_DEFINED);
        Tokenizer tokenizer = small.build();
        assertThat(tokenizer.encode("ab<|x|><|y|>", false, true)).containsExactly(256, control, control + 1);
        assertThat(tokenizer.encode("<|x|><|y|>", false, false)).containsExactly('<', '|', 'x', '|', '>', control + 1);
        assertThat(tokenizer.decode(new int[] {control, control + 1}, false)).isEqualTo("<|y|>");
        assertThat(tokenizer.decode(new int[] {control, control + 1}, true)).isEqualTo("<|x|><|y|>");
    }

    @Test
    void knowsTheTokensThatEndATurnByTheirText() {
        SmallTokenizers small = SmallTokenizers.bpe();
        int first = small.size();
        for (String text : new String[] {"<|im_end|>", "</s>", "<fim_pad>", "<reponame>", "<fim_prefix>", "<stop>"}) {
            small.token(text, TokenType.NORMAL);
        }
        Tokenizer tokenizer =
                small.integer("tokenizer.ggml.eot_token_id", first + 5).build();
        assertThat(tokenizer.endOfGeneration()).containsExactly(first, first + 1, first + 2, first + 3, first + 5);
        // Files call them plain text; they are control tokens all the same.
        assertThat(tokenizer.encode("<fim_prefix>", false, true)).containsExactly(first + 4);
        assertThat(tokenizer.encode("<fim_prefix>", false, false)).hasSizeGreaterThan(1);
        assertThat(tokenizer.bytes(first, false)).isEmpty();
    }

    @Test
    void harmonysEndOfAMessageEndsNoTurn() {
        SmallTokenizers small = SmallTokenizers.bpe();
        int first = small.size();
        for (String text : new String[] {"<|end|>", "<|return|>", "<|call|>", "<|channel|>"}) {
            small.token(text, TokenType.CONTROL);
        }
        Tokenizer tokenizer = small.build();
        assertThat(tokenizer.endOfGeneration()).containsExactly(first + 1, first + 2);
        assertThat(tokenizer.bytes(first + 3, false)).isEqualTo("<|channel|>".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void streamsTheSameTextAsAtOnce() {
        Random random = new Random(3);
        for (Tokenizer tokenizer : new Tokenizer[] {
            SmallTokenizers.spm().flag("tokenizer.ggml.add_space_prefix", false).build(),
            SmallTokenizers.bpe().build()
        }) {
            for (int round = 0; round < 300; round++) {
                int[] tokens = random.ints(random.nextInt(30), 0, tokenizer.vocabularySize())
                        .toArray();
                if (round % 2 == 0) {
                    tokens = tokenizer.encode("é漢🦙ab".substring(random.nextInt(3)), false, false);
                }
                TokenStream stream = tokenizer.stream();
                StringBuilder text = new StringBuilder();
                for (int token : tokens) {
                    String piece = stream.accept(token);
                    assertThat(piece.isEmpty() || !Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
                            .isTrue();
                    text.append(piece);
                }
                text.append(stream.finish());
                assertThat(text.toString())
                        .as("%s", Arrays.toString(tokens))
                        .isEqualTo(tokenizer.decode(tokens, false));
            }
        }
    }

    @Test
    void takesAMegabyteWithoutASpace() {
        for (Tokenizer tokenizer : new Tokenizer[] {
            SmallTokenizers.spm().build(), SmallTokenizers.bpe().build()
        }) {
            String text = "ab".repeat(1 << 19);
            int[] tokens = tokenizer.encode(text, false, false);
            assertThat(tokens).hasSize(1 << 19);
            assertThat(tokenizer.decode(tokens, false)).isEqualTo(text);
        }
    }
}
