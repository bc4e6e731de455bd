package dev.quipu.bench.eviction.data;

import java.util.Random;

/** Sentences that say nothing of importance, made of words drawn at random. */
final class Sentences {
    private static final String[] WHO = {
        "The gardener", "A neighbour", "The baker", "My uncle", "The teacher", "A visitor", "The clerk", "Her cousin"
    };
    private static final String[] DOES = {
        "walked to", "looked at", "talked about", "painted", "remembered", "passed by", "wrote about", "waited near"
    };
    private static final String[] WHAT = {
        "the old bridge", "the market", "a small garden", "the station", "the river", "an empty house", "the hill"
    };
    private static final String[] WHEN = {
        "in the morning", "after lunch", "before the rain", "last summer", "on a quiet day", "with a friend"
    };

    private final Random random;

    Sentences(Random random) {
        this.random = random;
    }

    String next() {
        return one(WHO) + " " + one(DOES) + " " + one(WHAT) + " " + one(WHEN) + ".";
    }

    private String one(String[] words) {
        return words[random.nextInt(words.length)];
    }
}
