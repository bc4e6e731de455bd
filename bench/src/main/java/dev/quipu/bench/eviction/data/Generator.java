package dev.quipu.bench.eviction.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * Makes texts with facts in them and asks for one: a needle in a haystack of sentences, and a list of keys and values. In the
 * style of RULER (arXiv 2404.06654), with short values, so that small models can do it. The same seed makes the same texts.
 *
 * @param seed of everything that is drawn
 * @param tokens counts the tokens of a text
 */
public record Generator(long seed, ToIntFunction<String> tokens) {
    private static final String[] PLACES = {
        "harbour", "library", "theatre", "museum", "garden", "airport", "castle", "school", "bakery", "stadium",
                "chapel",
        "factory", "hospital", "market", "tower", "village", "palace", "prison", "temple", "island", "forest", "valley",
        "canal", "lighthouse", "mill", "farm", "mine", "abbey", "bridge", "square"
    };
    private static final String[] COLOURS = {
        "red", "blue", "green", "white", "black", "grey", "brown", "golden", "silver", "purple"
    };

    /**
     * Needles: a sentence with a number of five digits at each depth of a haystack of each length.
     *
     * @param lengths in tokens
     * @param depths in percent
     * @param each how many per length and depth
     */
    public List<Question> needles(int[] lengths, int[] depths, int each) {
        List<Question> questions = new ArrayList<>();
        for (int length : lengths) {
            for (int depth : depths) {
                for (int i = 0; i < each; i++) {
                    questions.add(needle(length, depth, i));
                }
            }
        }
        return questions;
    }

    private Question needle(int length, int depth, int number) {
        Random random = new Random(Arrays.hashCode(new long[] {seed, 1, length, depth, number}));
        String fact = "The secret number of the " + PLACES[random.nextInt(PLACES.length)] + " is";
        String answer = " " + (10_000 + random.nextInt(90_000));
        List<String> hay = sentences(random, length - tokens.applyAsInt(fact + answer + "."));
        hay.add(Math.round(depth / 100f * hay.size()), fact + answer + ".");
        String question = "\nWhat is the secret number mentioned in the text? " + fact;
        String name = "needle-%d-%d-%d".formatted(length, depth, number);
        return new Question(name, "needle", length, depth, String.join(" ", hay), question, answer);
    }

    /** Texts that say nothing, for a machine that has no others. */
    public List<Document> documents(int count, int length) {
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Random random = new Random(Arrays.hashCode(new long[] {seed, 3, i}));
            documents.add(new Document(Integer.toString(i), String.join(" ", sentences(random, length))));
        }
        return documents;
    }

    private List<String> sentences(Random random, int length) {
        Sentences sentences = new Sentences(random);
        List<String> result = new ArrayList<>();
        int size = 0;
        while (size < length) {
            String sentence = sentences.next();
            result.add(sentence);
            size += tokens.applyAsInt(" " + sentence);
        }
        return result;
    }

    /**
     * Keys and values: lines that give four digits to each of many names, one of which is asked for.
     *
     * @param lengths in tokens
     * @param each how many per length
     */
    public List<Question> keyValues(int[] lengths, int each) {
        List<Question> questions = new ArrayList<>();
        for (int length : lengths) {
            for (int i = 0; i < each; i++) {
                questions.add(keyValue(length, i));
            }
        }
        return questions;
    }

    private Question keyValue(int length, int number) {
        Random random = new Random(Arrays.hashCode(new long[] {seed, 2, length, number}));
        List<String> names = new ArrayList<>();
        for (String colour : COLOURS) {
            for (String place : PLACES) {
                names.add("the " + colour + " " + place);
            }
        }
        Collections.shuffle(names, random);
        StringBuilder text = new StringBuilder("Here is a list of codes.\n");
        List<String> answers = new ArrayList<>();
        int size = tokens.applyAsInt(text.toString());
        while (size < length && answers.size() < names.size()) {
            String answer = " " + (1000 + random.nextInt(9000));
            String line = "The code of " + names.get(answers.size()) + " is" + answer + ".\n";
            text.append(line);
            answers.add(answer);
            size += tokens.applyAsInt(line);
        }
        int wanted = random.nextInt(answers.size());
        int depth = Math.round(100f * wanted / Math.max(1, answers.size() - 1));
        String question =
                "Question: what is the code of %1$s? Answer: The code of %1$s is".formatted(names.get(wanted));
        String name = "key-value-%d-%d".formatted(length, number);
        return new Question(name, "key-value", length, depth, text.toString(), question, answers.get(wanted));
    }
}
