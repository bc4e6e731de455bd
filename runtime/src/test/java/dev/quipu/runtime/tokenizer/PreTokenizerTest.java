package dev.quipu.runtime.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where words are cut; the expected cuts are llama.cpp's. */
final class PreTokenizerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt-2 => I'll see 12345 dogs!!  ok => I|'ll| see| 12345| dogs|!!| | ok",
                "default => a==b 12345 => a|==|b| |123|45",
                "llama-bpe => I'LL see 12345 dogs!!  ok => I|'LL| see| |123|45| dogs|!!| | ok",
                "llama-bpe => a\u2003\u2003b it'\u017Fx => a|\u2003|\u2003b| it|'\u017Fx",
                "qwen2 => x1234 (yes) => x|1|2|3|4| (|yes|)",
                "smollm => x12 'S => x|1|2| '|S",
                "tekken => HelloWorld ABCdef 12 => Hello|World| ABCdef| |1|2",
                "gpt-4o => HelloWorld don't 1234 a/b/ => Hello|World| don't| |123|4| a|/b|/",
                "deepseek-v3 => .foo 12345中文x => .foo| |123|45|中文|x",
                "deepseek-llm => a  \u3000中 => a|  \u3000|中",
                "deepseek-coder => x= 12 y? => x|= |1|2| y|?",
                "falcon => a`b 1234 => a|`|b| |123|4",
                "bloom => Hi, you. => Hi|,| you|.",
                "viking => Hi 12 => Hi| |1|2",
                "seed-coder => !!\nb => !!|\n|b",
                "ufakzeka => Ali'nin 1 => Ali|'nin| |1",
                "minicpm5 => it's 1234 => it|'s| |123|4",
                "youtu => don't 12 中文ab！ e\u0301a/\n => don't| |1|2| |中文|ab|！| e\u0301a|/\n",
                "chameleon => IMGIMGABZ a 12  b! => IMGIMGABZ| a| |1|2|  |b|!",
                "kimi-k2 => 中文ab's 1234 x => 中文|ab's| |123|4| x",
                "jais-2 => a     b => a|    | b",
                "granite-embed-multi-97m => HelloWo\u0301rld 12 => Hello|Wo\u0301rld| |12",
                "spark2_5 => a 123\n\nb => a| |1|2|3|\n|\n|b",
                "qwen35 => e\u0301a e\u0301 => e\u0301a| e\u0301",
            })
    void cutsWhereLlamaCppCuts(String nameTextWords) {
        String[] parts = nameTextWords.split(" => ");
        assertThat(words(parts[0], parts[1])).containsExactly(parts[2].split("\\|"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-bpe", "qwen2"})
    void takesLettersOfUnicode16ForUnassigned(String name) {
        String garay = Character.toString(0x10D50);
        String tulu = Character.toString(0x1C89);
        assertThat(words(name, "a" + garay + garay + "'")).containsExactly("a", garay + garay + "'");
        assertThat(words(name, "a" + tulu)).containsExactly("a", tulu);
    }

    private static List<String> words(String name, String text) {
        List<String> words = new ArrayList<>();
        PreTokenizer.of(name).split(text, (from, to) -> words.add(text.substring(from, to)));
        return words;
    }
}
