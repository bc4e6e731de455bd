package dev.quipu.kvcache.eviction;

import java.util.Optional;

/** By which scores heads and layers compete for cells. */
public enum Claims {
    /** Those that choose the cells. */
    SCORE {
        @Override
        Optional<Scorer> scorer() {
            return Optional.empty();
        }
    },
    /**
     * {@link Defensive} ones, in units of attention: a head whose queries look at different cells claims all its cells, one
     * whose queries agree claims few. The floor, the mean over cells of the largest attention, measures how they differ.
     */
    DEFENSIVE {
        @Override
        Optional<Scorer> scorer() {
            return Optional.of(OF_SINGLE_CELLS);
        }
    },
    /** {@link Peak}: the same of the queries that may come. */
    FORESEEN {
        @Override
        Optional<Scorer> scorer() {
            return Optional.of(OF_WHAT_COMES);
        }
    };

    private static final Scorer OF_SINGLE_CELLS = new Defensive(Pooling.NONE);
    private static final Scorer OF_WHAT_COMES = new Peak();

    /** Empty for the policy's own. */
    abstract Optional<Scorer> scorer();
}
