package dev.quipu.bench.eviction.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratorTest {
    private static final int[] LENGTHS = {200, 400};

    private static Generator generator(long seed) {
        return new Generator(seed, text -> text.strip().split("\\s+").length);
    }

    @Test
    void theSameSeedMakesTheSameTexts() {
        assertThat(generator(5).needles(LENGTHS, new int[] {0, 50}, 2))
                .isEqualTo(generator(5).needles(LENGTHS, new int[] {0, 50}, 2));
        assertThat(generator(5).keyValues(LENGTHS, 3)).isEqualTo(generator(5).keyValues(LENGTHS, 3));
        assertThat(generator(5).documents(2, 300)).isEqualTo(generator(5).documents(2, 300));
    }

    @Test
    void anotherSeedMakesOthers() {
        assertThat(generator(5).keyValues(LENGTHS, 3))
                .doesNotContainAnyElementsOf(generator(6).keyValues(LENGTHS, 3));
        assertThat(generator(5).needles(LENGTHS, new int[] {50}, 1))
                .doesNotContainAnyElementsOf(generator(6).needles(LENGTHS, new int[] {50}, 1));
    }

    @Test
    void aNeedleStandsWhereItShould() {
        for (Question question : generator(1).needles(LENGTHS, new int[] {0, 50, 100}, 3)) {
            String fact = question.question().replaceAll(".*\\? ", "").strip() + question.answer() + ".";
            int at = question.context().indexOf(fact);
            double depth = 100.0 * at / (question.context().length() - fact.length());
            assertThat(depth).isBetween(question.depth() - 3.0, question.depth() + 3.0);
            assertThat(question.context().indexOf(fact, at + 1)).isNegative();
            int words = question.context().split("\\s+").length;
            assertThat(words).isBetween(question.length(), question.length() + 15);
        }
    }

    @Test
    void everyKeyHasOneValue() {
        List<Question> questions = generator(2).keyValues(new int[] {300}, 5);
        for (Question question : questions) {
            String asked = question.question().replaceAll(".*Answer: ", "");
            assertThat(question.context()).containsOnlyOnce(asked + question.answer() + ".\n");
            assertThat(question.context()).containsOnlyOnce(asked + " ");
        }
        assertThat(questions.stream().map(Question::answer).distinct()).hasSizeGreaterThan(3);
    }
}
