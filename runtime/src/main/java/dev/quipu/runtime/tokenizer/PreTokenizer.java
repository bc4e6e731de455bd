package dev.quipu.runtime.tokenizer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How byte-level BPE cuts text into words before it merges: a row of regular expressions, each of which cuts what the ones
 * before have left in one piece into its matches and what lies between them.
 *
 * <p>No expression repeats a group, so matching neither recurses nor goes back further than one run of characters.
 * Source of the expressions: the models' own {@code tokenizer.json}, in the selection and order of llama.cpp's llama-vocab.
 */
final class PreTokenizer {
    private static final String ENGLISH = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private static final String GPT_2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";
    private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
    private static final String REST = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String LLAMA_3 = ENGLISH + "|" + WORD + "|\\p{N}{1,3}|" + REST;
    private static final String QWEN_2 = ENGLISH + "|" + WORD + "|\\p{N}|" + REST;
    private static final String NOT_LOWER = "[\\p{L}&&[^a-z]]";
    private static final String NOT_UPPER = "[\\p{L}&&[^A-Z]]";
    private static final String CASED_REST = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String TEKKEN = "[^\\r\\n\\p{L}\\p{N}]?" + NOT_LOWER + "*" + NOT_UPPER
            + "+|[^\\r\\n\\p{L}\\p{N}]?" + NOT_LOWER + "+" + NOT_UPPER + "*|\\p{N}|" + CASED_REST;
    private static final String GPT_4O = "[^\\r\\n\\p{L}\\p{N}]?" + NOT_LOWER + "*" + NOT_UPPER + "+" + ENGLISH
            + "?|[^\\r\\n\\p{L}\\p{N}]?" + NOT_LOWER + "+" + NOT_UPPER + "*" + ENGLISH + "?|\\p{N}{1,3}|" + CASED_REST;
    private static final String BLOOM = " ?[^(\\s|.,!?…。，、।۔،)]+";
    /** Holds no white space, though the first two ranges meet some. */
    private static final String CJK = "[一-龥ࠀ-一가-\uD7FF&&[^\\s]]+";

    private static final String SYMBOLS = "[\\p{P}\\$\\+<=>\\^~\\|]+";
    private static final String FALCON_SYMBOLS = "[\\p{P}\\$\\+<=>\\^~\\|`]+";
    /** Letters that have case, as of Unicode 10. */
    private static final String DEEPSEEK_LETTERS = "\\s?["
            + "\\x{41}-\\x{5A}\\x{61}-\\x{7A}\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}"
            + "\\x{1BC}-\\x{1BF}\\x{1C4}-\\x{293}\\x{295}-\\x{2AF}\\x{370}-\\x{373}\\x{376}\\x{377}"
            + "\\x{37B}-\\x{37D}\\x{37F}\\x{386}\\x{388}-\\x{38A}\\x{38C}\\x{38E}-\\x{3A1}\\x{3A3}-\\x{3F5}"
            + "\\x{3F7}-\\x{481}\\x{48A}-\\x{52F}\\x{531}-\\x{556}\\x{10A0}-\\x{10C5}\\x{13A0}-\\x{13F5}"
            + "\\x{13F8}-\\x{13FD}\\x{1C90}-\\x{1CBA}\\x{1CBD}-\\x{1CBF}\\x{1D00}-\\x{1D2B}\\x{1D6B}-\\x{1D77}"
            + "\\x{1D79}-\\x{1D9A}\\x{1E00}-\\x{1F15}\\x{1F18}-\\x{1F1D}\\x{1F20}-\\x{1F45}\\x{1F48}-\\x{1F4D}"
            + "\\x{1F50}-\\x{1F57}\\x{1F59}\\x{1F5B}\\x{1F5D}\\x{1F5F}-\\x{1F7D}\\x{1F80}-\\x{1FB4}"
            + "\\x{1FB6}-\\x{1FBC}\\x{1FBE}\\x{1FC2}-\\x{1FC4}\\x{1FC6}-\\x{1FCC}\\x{1FD0}-\\x{1FD3}"
            + "\\x{1FD6}-\\x{1FDB}\\x{1FE0}-\\x{1FEC}\\x{1FF2}-\\x{1FF4}\\x{1FF6}-\\x{1FFC}\\x{2102}\\x{2107}"
            + "\\x{210A}-\\x{2113}\\x{2115}\\x{2119}-\\x{211D}\\x{2124}\\x{2126}\\x{2128}\\x{212A}-\\x{212D}"
            + "\\x{212F}-\\x{2134}\\x{2139}\\x{213C}-\\x{213F}\\x{2145}-\\x{2149}\\x{214E}\\x{2183}\\x{2184}"
            + "\\x{2C00}-\\x{2C7B}\\x{2C7E}-\\x{2CE4}\\x{2CEB}-\\x{2CEE}\\x{2CF2}\\x{2CF3}\\x{A640}-\\x{A66D}"
            + "\\x{A680}-\\x{A69B}\\x{A722}-\\x{A76F}\\x{A771}-\\x{A787}\\x{A78B}-\\x{A78E}\\x{AB70}-\\x{ABBF}"
            + "\\x{FB00}-\\x{FB06}\\x{FB13}-\\x{FB17}\\x{FF21}-\\x{FF3A}\\x{FF41}-\\x{FF5A}"
            + "\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}"
            + "\\x{10CC0}-\\x{10CF2}\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}"
            + "]+";

    private static final String DEEPSEEK_3_WORD =
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+";
    private static final String DEEPSEEK_3 =
            DEEPSEEK_3_WORD + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String KANJI_AND_KANA = "[一-龥\u3040-ゟ゠-ヿ]+";

    /** Chinese characters, extensions and compatibility forms included. */
    private static final String HAN = "\\x{3400}-\\x{4DBF}\\x{4E00}-\\x{9FFF}\\x{F900}-\\x{FAFF}\\x{20000}-\\x{2A6DF}"
            + "\\x{2A700}-\\x{2EBEF}\\x{2F800}-\\x{2FA1F}";

    /** Of one word: letters with their accents, and an English ending. */
    private static final String ACCENTED = "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+" + ENGLISH + "?";

    private static final String NOT_LOWER_ACCENTED = "[\\p{L}\\p{M}&&[^a-z]]";
    private static final String NOT_UPPER_ACCENTED = "[\\p{L}\\p{M}&&[^A-Z]]";

    private static final Map<String, Recipe> RECIPES = recipes();

    /**
     * @param beginsWithBos whether text begins with the BOS token, unless metadata say otherwise
     * @param wholeWords whether a word that is a token needs no merging
     */
    private record Recipe(List<String> expressions, boolean beginsWithBos, boolean wholeWords) {
        static Recipe of(String... expressions) {
            return new Recipe(List.of(expressions), false, false);
        }

        Recipe withBos() {
            return new Recipe(expressions, true, wholeWords);
        }

        Recipe withWholeWords() {
            return new Recipe(expressions, beginsWithBos, true);
        }
    }

    private final Recipe recipe;
    private final List<Pattern> patterns;

    private PreTokenizer(Recipe recipe) {
        this.recipe = recipe;
        patterns = recipe.expressions().stream()
                .map(expression -> Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS))
                .toList();
    }

    /** Takes the words of a text, in order. */
    interface Words {
        void accept(int from, int to);
    }

    /** @throws TokenizerFormatException for a name that is not known, with what to do about it */
    static PreTokenizer of(String name) {
        Recipe recipe = RECIPES.get(name);
        if (recipe == null) {
            throw new TokenizerFormatException("tokenizer.ggml.pre is '" + name
                    + "', which this runtime does not know; --override-pretokenizer NAME chooses one of "
                    + String.join(", ", new TreeSet<>(RECIPES.keySet())));
        }
        return new PreTokenizer(recipe);
    }

    boolean beginsWithBos() {
        return recipe.beginsWithBos();
    }

    boolean takesWholeWords() {
        return recipe.wholeWords();
    }

    void split(String original, Words words) {
        String text = UnicodeAge.withoutNewer(original);
        IntList ends = new IntList();
        if (!text.isEmpty()) {
            ends.add(text.length());
        }
        for (Pattern pattern : patterns) {
            ends = cut(text, ends.toArray(), pattern);
        }
        int from = 0;
        for (int end : ends.toArray()) {
            words.accept(from, end);
            from = end;
        }
    }

    private static IntList cut(String text, int[] pieceEnds, Pattern pattern) {
        IntList ends = new IntList();
        Matcher matcher = pattern.matcher(text);
        int from = 0;
        for (int pieceEnd : pieceEnds) {
            int done = from;
            matcher.region(from, pieceEnd);
            while (matcher.find()) {
                if (matcher.end() == matcher.start()) {
                    continue;
                }
                if (matcher.start() > done) {
                    ends.add(matcher.start());
                }
                ends.add(matcher.end());
                done = matcher.end();
            }
            if (done < pieceEnd) {
                ends.add(pieceEnd);
            }
            from = pieceEnd;
        }
        return ends;
    }

    private static Map<String, Recipe> recipes() {
        Map<String, Recipe> recipes = new HashMap<>();
        Recipe gpt2 = Recipe.of(GPT_2);
        Recipe digitsFirst = Recipe.of("\\p{N}", GPT_2);
        Recipe llama3 = Recipe.of(LLAMA_3);
        put(recipes, Recipe.of(SYMBOLS, GPT_2, "\\p{N}+", "[0-9][0-9][0-9]"), "default");
        put(
                recipes,
                llama3.withBos().withWholeWords(),
                "llama3",
                "llama-v3",
                "llama-bpe",
                "falcon3",
                "falcon-h1",
                "pixtral",
                "midm-2.0",
                "lfm2",
                "jina-v5-nano");
        put(recipes, llama3, "dbrx", "smaug-bpe", "chatglm-bpe", "glm4");
        put(
                recipes,
                Recipe.of("\\p{N}{1,3}", ENGLISH + "|" + WORD + "|\\p{N}+|" + REST)
                        .withWholeWords(),
                "minicpm5");
        put(
                recipes,
                Recipe.of("[\\r\\n]", DEEPSEEK_LETTERS, "\\s?[!-/:-~！-／：-～‘-‟、。]+", "\\s+\\z", CJK, "\\p{N}+"),
                "deepseek-llm");
        put(recipes, Recipe.of("[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", CJK, "\\p{N}"), "deepseek-coder");
        put(
                recipes,
                Recipe.of("\\p{N}{1,3}", KANJI_AND_KANA, DEEPSEEK_3),
                "deepseek-v3",
                "hunyuan-dense",
                "joyai-llm",
                "hy_v4");
        put(
                recipes,
                Recipe.of(
                        "\\p{N}{1,3}",
                        KANJI_AND_KANA,
                        DEEPSEEK_3_WORD + "| ?[\\p{P}\\p{S}]+|[\\r\\n]|\\s+(?!\\S)|\\s+",
                        "\\p{N}"),
                "spark2_5");
        put(recipes, Recipe.of(FALCON_SYMBOLS, GPT_2, "[0-9][0-9][0-9]"), "falcon");
        put(
                recipes,
                digitsFirst,
                "starcoder",
                "refact",
                "command-r",
                "smollm",
                "codeshell",
                "exaone",
                "minerva-7b",
                "mellum2");
        put(recipes, gpt2, "gpt-2", "gpt2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4");
        put(recipes, gpt2, "a.x-4.0", "mellum", "modern-bert", "jina-v1-en");
        put(recipes, gpt2, "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "jina-v2-code", "roberta-bpe");
        put(recipes, Recipe.of(QWEN_2), "qwen2", "stablelm2", "deepseek-r1-qwen", "hunyuan", "megrez", "kormo");
        put(recipes, Recipe.of(QWEN_2), "f2llmv2", "solar-open", "grok-2");
        put(recipes, Recipe.of("[^\\n]+|[\\n]+", QWEN_2), "laguna");
        put(recipes, Recipe.of(WORD + "|\\p{N}|" + REST), "ufakzeka");
        put(
                recipes,
                Recipe.of(ENGLISH + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
                "qwen35");
        put(recipes, Recipe.of(BLOOM), "bloom", "poro-chat", "gpt3-finnish");
        put(recipes, Recipe.of(BLOOM, "\\p{N}"), "viking");
        put(recipes, Recipe.of(TEKKEN).withBos().withWholeWords(), "tekken");
        put(recipes, Recipe.of(GPT_4O), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        put(
                recipes,
                Recipe.of("[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|" + KANJI_AND_KANA, ACCENTED + "|\\p{N}|" + CASED_REST)
                        .withWholeWords(),
                "youtu");
        put(
                recipes,
                Recipe.of(
                                "<sentinel:[0-9]+>",
                                "IMGIMG[A-I]{1,4}Z",
                                "[\\t\\n]|    |  ",
                                "\\p{N}",
                                "[\\p{P}!-/:-@\\[-`{-~]",
                                GPT_2)
                        .withBos(),
                "chameleon");
        put(
                recipes,
                Recipe.of("[" + HAN + "]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^" + HAN + "]]+" + ENGLISH + "?|\\p{N}{1,3}|"
                        + REST),
                "kimi-k2");
        put(
                recipes,
                Recipe.of(ENGLISH + "|" + WORD + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+"
                        + "|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)"
                        + "|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s"),
                "jais-2");
        put(
                recipes,
                Recipe.of("[^\\r\\n\\p{L}\\p{N}]?" + NOT_LOWER_ACCENTED + "*" + NOT_UPPER_ACCENTED + "+" + ENGLISH
                                + "?|[^\\r\\n\\p{L}\\p{N}]?" + NOT_LOWER_ACCENTED + "+" + NOT_UPPER_ACCENTED + "*"
                                + ENGLISH
                                + "?|\\p{N}{1,3}|" + CASED_REST)
                        .withWholeWords(),
                "granite-embed-multi-97m");
        put(
                recipes,
                Recipe.of(
                        ENGLISH + "|" + WORD + "|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
                "seed-coder");
        put(
                recipes,
                Recipe.of("'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|" + WORD
                        + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"),
                "bailingmoe",
                "bailingmoe2",
                "llada-moe");
        return Map.copyOf(recipes);
    }

    private static void put(Map<String, Recipe> recipes, Recipe recipe, String... names) {
        for (String name : names) {
            recipes.put(name, recipe);
        }
    }
}
