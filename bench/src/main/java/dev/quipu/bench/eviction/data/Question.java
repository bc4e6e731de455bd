package dev.quipu.bench.eviction.data;

/**
 * A text that holds one fact among others, and a question for it.
 *
 * @param name what results call it
 * @param task kind of the question
 * @param length tokens that the text was made for
 * @param depth where in the text the fact stands, in percent; -1 where that is not known
 * @param context the text
 * @param question what follows the text; the answer continues it
 * @param answer the fact, with the blank before it
 */
public record Question(
        String name, String task, int length, int depth, String context, String question, String answer) {}
