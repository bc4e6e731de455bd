package dev.quipu.runtime.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.gguf.GgufFile;
import dev.quipu.gguf.GoldenFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

/** Real vocabularies against llama.cpp's expected tokens. */
final class GoldenTokenizerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "command-r",
                "deepseek-coder",
                "deepseek-llm",
                "falcon",
                "gpt-2",
                "llama-bpe",
                "llama-spm",
                "mpt",
                "phi-3",
                "qwen2",
                "refact",
                "starcoder"
            })
    void agreesWithLlamaCpp(String name) throws IOException {
        Path path = GoldenFiles.require("golden/tokenizer/ggml-vocab-" + name + ".gguf");
        String[] texts = Files.readString(path.resolveSibling(path.getFileName() + ".inp"))
                .split("\n__ggml_vocab_test__\n", -1);
        List<String> expected = Files.readAllLines(path.resolveSibling(path.getFileName() + ".out"));
        try (GgufFile file = GgufFile.open(path)) {
            Tokenizer tokenizer = Tokenizer.of(file.metadata());
            for (int i = 0; i < expected.size(); i++) {
                int[] ids = Arrays.stream(expected.get(i).strip().split(" "))
                        .filter(s -> !s.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();
                assertThat(tokenizer.encode(texts[i], false, false))
                        .as("'%s'", texts[i])
                        .containsExactly(ids);
                assertThat(tokenizer.decode(ids, false)).isEqualTo(texts[i]);
            }
        }
    }

    @Test
    void parsesTheSpecialTokensOfPrompts() throws IOException {
        try (GgufFile file = GgufFile.open(GoldenFiles.require("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
                InputStream in = Files.newInputStream(GoldenFiles.require("golden/logits/index.json"))) {
            Tokenizer tokenizer = Tokenizer.of(file.metadata());
            for (Object element : (List<?>) JSON.std.mapFrom(in).get("cases")) {
                Map<?, ?> golden = (Map<?, ?>) element;
                int[] ids = ((List<?>) golden.get("tokens"))
                        .stream().mapToInt(id -> (Integer) id).toArray();
                assertThat(tokenizer.encode((String) golden.get("text"), false, true))
                        .as("%s", golden.get("name"))
                        .containsExactly(ids);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek-llm", "llama-bpe", "llama-spm", "falcon"})
    void takesLongTextOfAnything(String name) throws IOException {
        try (GgufFile file = GgufFile.open(GoldenFiles.require("golden/tokenizer/ggml-vocab-" + name + ".gguf"))) {
            Tokenizer tokenizer = Tokenizer.of(file.metadata());
            for (String unit : List.of("a", " ", "\n", "7", "ab1 ", "漢", "!", "\t ", "é", "A", " \n")) {
                String text = unit.repeat(400_000 / unit.length());
                int[] tokens = Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(60), () -> tokenizer.encode(text, false, false));
                assertThat(tokenizer.decode(tokens, false)).as("'%s'", unit).isEqualTo(text);
            }
        }
    }

    @Test
    void namesAnUnknownPreTokenizer() throws IOException {
        try (GgufFile file = GgufFile.open(GoldenFiles.require("golden/tokenizer/ggml-vocab-gpt-2.gguf"))) {
            assertThatThrownBy(() -> Tokenizer.of(file.metadata(), "no-such"))
                    .isInstanceOf(TokenizerFormatException.class)
                    .hasMessageContaining("'no-such'")
                    .hasMessageContaining("--override-pretokenizer")
                    .hasMessageContaining("llama-bpe");
            assertThat(Tokenizer.of(file.metadata(), "mpt").encode("a", false, false))
                    .isNotEmpty();
        }
    }
}
