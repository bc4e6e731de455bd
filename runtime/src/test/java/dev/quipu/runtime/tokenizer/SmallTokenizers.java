package dev.quipu.runtime.tokenizer;

import dev.quipu.gguf.Metadata;
import dev.quipu.gguf.MetadataValue;
import dev.quipu.gguf.MetadataValue.BoolValue;
import dev.quipu.gguf.MetadataValue.FloatArray;
import dev.quipu.gguf.MetadataValue.IntArray;
import dev.quipu.gguf.MetadataValue.IntegerValue;
import dev.quipu.gguf.MetadataValue.StringArray;
import dev.quipu.gguf.MetadataValue.StringValue;
import dev.quipu.gguf.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Vocabularies of every byte and a few tokens more. */
final class SmallTokenizers {
    private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
    private final List<String> tokens = new ArrayList<>();
    private final List<Integer> types = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();

    /** SentencePiece: unk, bos, eos, the bytes from 3 on, then "▁" = 259, a = 260, b = 261, ab = 262, ▁ab = 263. */
    static SmallTokenizers spm() {
        SmallTokenizers small = new SmallTokenizers().text("tokenizer.ggml.model", "llama");
        small.token("<unk>", TokenType.UNKNOWN).token("<s>", TokenType.CONTROL).token("</s>", TokenType.CONTROL);
        for (int b = 0; b < 256; b++) {
            small.token(String.format("<0x%02X>", b), TokenType.BYTE);
        }
        for (String piece : List.of("▁", "a", "b", "ab", "▁ab")) {
            small.token(piece, TokenType.NORMAL);
        }
        return small;
    }

    /** Byte-level BPE: the bytes from 0 on, then ab = 256, "Ġab" = 257. */
    static SmallTokenizers bpe() {
        SmallTokenizers small = new SmallTokenizers().text("tokenizer.ggml.model", "gpt2");
        for (int b = 0; b < 256; b++) {
            small.token(String.valueOf(ByteAlphabet.character((byte) b)), TokenType.NORMAL);
        }
        small.token("ab", TokenType.NORMAL).token("Ġab", TokenType.NORMAL);
        small.metadata.put("tokenizer.ggml.merges", new StringArray(new String[] {"a b", "Ġ ab"}));
        return small.text("tokenizer.ggml.pre", "gpt-2");
    }

    SmallTokenizers token(String text, TokenType type) {
        tokens.add(text);
        types.add(type.ordinal());
        scores.add((float) text.length());
        return this;
    }

    SmallTokenizers text(String key, String value) {
        metadata.put(key, new StringValue(value));
        return this;
    }

    SmallTokenizers flag(String key, boolean value) {
        metadata.put(key, new BoolValue(value));
        return this;
    }

    SmallTokenizers integer(String key, int value) {
        metadata.put(key, new IntegerValue(ValueType.UINT32, value));
        return this;
    }

    /** The id that the next token gets. */
    int size() {
        return tokens.size();
    }

    Tokenizer build() {
        metadata.put("tokenizer.ggml.tokens", new StringArray(tokens.toArray(String[]::new)));
        int[] numbers = types.stream().mapToInt(Integer::intValue).toArray();
        metadata.put("tokenizer.ggml.token_type", new IntArray(ValueType.INT32, numbers));
        float[] values = new float[scores.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = scores.get(i);
        }
        metadata.put("tokenizer.ggml.scores", new FloatArray(values));
        return Tokenizer.of(new Metadata(metadata));
    }
}
