package dev.quipu.runtime.tokenizer;

import dev.quipu.gguf.Metadata;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A model's tokenizer. Immutable; safe for use by several threads. */
public final class Tokenizer {
    private static final byte[] NOTHING = {};

    private final Vocabulary vocabulary;
    private final SubwordModel model;
    private final SpecialTokens specials;
    private final BitSet endOfGeneration;
    private final OptionalInt bos;
    private final OptionalInt eos;
    private final boolean addBos;
    private final boolean addEos;
    private final boolean addSpacePrefix;

    private Tokenizer(Vocabulary vocabulary, SubwordModel model, boolean bosByDefault, boolean spacePrefix) {
        this.vocabulary = vocabulary;
        this.model = model;
        endOfGeneration = EndOfGeneration.of(vocabulary);
        specials = new SpecialTokens(vocabulary);
        bos = vocabulary.special("bos");
        eos = vocabulary.special("eos");
        Metadata metadata = vocabulary.metadata();
        addBos = metadata.bool("tokenizer.ggml.add_bos_token").orElse(bosByDefault);
        addEos = metadata.bool("tokenizer.ggml.add_eos_token").orElse(false);
        addSpacePrefix =
                spacePrefix && metadata.bool("tokenizer.ggml.add_space_prefix").orElse(true);
    }

    /**
     * The tokenizer that a file describes.
     *
     * @throws TokenizerFormatException if a key is missing, inconsistent, or names something unknown
     * @throws IllegalArgumentException if a key is of the wrong type
     */
    public static Tokenizer of(Metadata metadata) {
        return of(metadata, null);
    }

    /** @param preTokenizer used instead of the file's {@code tokenizer.ggml.pre} */
    public static Tokenizer of(Metadata metadata, @Nullable String preTokenizer) {
        String kind = metadata.string("tokenizer.ggml.model")
                .orElseThrow(() -> new TokenizerFormatException("metadata key tokenizer.ggml.model is missing"));
        return switch (kind) {
            case "llama" -> {
                Vocabulary vocabulary = Vocabulary.of(metadata);
                yield new Tokenizer(vocabulary, new SpmModel(vocabulary), true, true);
            }
            case "gpt2" -> {
                Vocabulary vocabulary = Vocabulary.of(metadata);
                Optional<String> own = metadata.string("tokenizer.ggml.pre");
                PreTokenizer pre = PreTokenizer.of(preTokenizer != null ? preTokenizer : own.orElse("default"));
                String[] merges = metadata.strings("tokenizer.ggml.merges")
                        .orElseThrow(
                                () -> new TokenizerFormatException("metadata key tokenizer.ggml.merges is missing"));
                yield new Tokenizer(vocabulary, new BpeModel(vocabulary, pre, merges), pre.beginsWithBos(), false);
            }
            default ->
                throw new TokenizerFormatException("tokenizer.ggml.model is '" + kind + "', expected llama or gpt2");
        };
    }

    /**
     * Text to tokens.
     *
     * @param addSpecial whether to add BOS and EOS where the model wants them
     * @param parseSpecial whether control tokens written in the text become tokens, not plain text
     */
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        IntList out = new IntList();
        if (addSpecial && addBos) {
            bos().ifPresent(out::add);
        }
        boolean afterSpecial = true;
        for (SpecialTokens.Piece piece : specials.partition(text, parseSpecial)) {
            if (piece.token() >= 0) {
                out.add(piece.token());
                afterSpecial = true;
            } else {
                String plain = text.substring(piece.from(), piece.to());
                model.encode(afterSpecial && addSpacePrefix ? " " + plain : plain, out);
                afterSpecial = false;
            }
        }
        if (addSpecial && addEos) {
            eos().ifPresent(out::add);
        }
        return out.toArray();
    }

    /**
     * Tokens to text. The space that encoding put before the text is taken away again.
     *
     * @param special whether control tokens become their text; otherwise they vanish
     */
    public String decode(int[] tokens, boolean special) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean expectPrefix = addSpacePrefix;
        for (int token : tokens) {
            byte[] bytes = bytes(token, special);
            int from = expectPrefix && bytes.length > 0 && bytes[0] == ' ' ? 1 : 0;
            out.write(bytes, from, bytes.length - from);
            expectPrefix &= bytes.length == 0;
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** The bytes that a token stands for; part of a character, perhaps. */
    public byte[] bytes(int token, boolean special) {
        Objects.checkIndex(token, vocabulary.size());
        return switch (vocabulary.type(token)) {
            case BYTE -> byteValue(vocabulary.text(token));
            case CONTROL, UNKNOWN -> special ? utf8(token) : NOTHING;
            case USER_DEFINED -> utf8(token);
            case NORMAL -> model.bytes(token);
            case UNDEFINED, UNUSED -> NOTHING;
        };
    }

    private byte[] utf8(int token) {
        return vocabulary.text(token).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] byteValue(String text) {
        if (text.length() == 6 && text.startsWith("<0x") && text.endsWith(">")) {
            int high = Character.digit(text.charAt(3), 16);
            int low = Character.digit(text.charAt(4), 16);
            if (high >= 0 && low >= 0) {
                return new byte[] {(byte) (high << 4 | low)};
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Tokens to text, one by one; control tokens vanish. */
    public TokenStream stream() {
        return new TokenStream(this, false);
    }

    /** Tokens to text, one by one. */
    public TokenStream stream(boolean special) {
        return new TokenStream(this, special);
    }

    /** Whether the model ends its turn with this token. */
    public boolean isEndOfGeneration(int token) {
        return endOfGeneration.get(token);
    }

    /** All tokens with which the model may end its turn, ascending. */
    public int[] endOfGeneration() {
        return endOfGeneration.stream().toArray();
    }

    /** Beginning of a sequence. */
    public OptionalInt bos() {
        return bos;
    }

    /** End of a sequence. */
    public OptionalInt eos() {
        return eos;
    }

    /** Whether {@link #encode} puts BOS first when special tokens are asked for. */
    public boolean addsBos() {
        return addBos && bos().isPresent();
    }

    public int vocabularySize() {
        return vocabulary.size();
    }

    /** A token's text as the vocabulary writes it. */
    public String text(int token) {
        Objects.checkIndex(token, vocabulary.size());
        return vocabulary.text(token);
    }
}
