package dev.quipu.bench.eviction;

import dev.quipu.bench.eviction.data.Document;
import dev.quipu.bench.eviction.data.Question;
import dev.quipu.kvcache.eviction.Statistic;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What is measured.
 *
 * @param documents texts to read
 * @param questions texts with questions
 * @param contenders policies
 * @param budgets shares of the bytes of a full cache of the first kind of rows
 * @param rows how keys and values are stored; the first is what the others are compared with
 * @param maxTokens longest prompt
 * @param questionAware whether the prompt that is compressed holds the question
 * @param seed of everything that is drawn
 */
public record StudyOptions(
        List<Document> documents,
        List<Question> questions,
        List<Contender> contenders,
        List<Double> budgets,
        List<Rows> rows,
        int maxTokens,
        boolean questionAware,
        long seed) {

    /** What the cache must know for all of these policies. */
    static Set<Statistic> needs(List<Contender> contenders) {
        EnumSet<Statistic> needs = EnumSet.noneOf(Statistic.class);
        contenders.forEach(contender -> needs.addAll(contender.policy().needs()));
        return needs;
    }
}
