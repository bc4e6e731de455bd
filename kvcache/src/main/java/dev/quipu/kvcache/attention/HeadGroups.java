package dev.quipu.kvcache.attention;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The loops of a kernel for each number of query heads that share loads, made when they are needed. Shared by threads. */
final class HeadGroups<T> {
    /** More heads' sums would not stay in registers. */
    static final int MOST = 4;

    private final IntFunction<T> maker;
    private final AtomicReferenceArray<@Nullable T> groups = new AtomicReferenceArray<>(MOST);

    /** @param maker gives the same for the same number of heads: two threads may both find none yet */
    HeadGroups(IntFunction<T> maker) {
        this.maker = maker;
    }

    /** @param heads 1 to {@link #MOST} */
    T of(int heads) {
        T group = groups.get(heads - 1);
        if (group == null) {
            group = maker.apply(heads);
            groups.set(heads - 1, group);
        }
        return group;
    }
}
