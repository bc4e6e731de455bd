package dev.quipu.bench.throughput;

import com.sun.management.ThreadMXBean;
import dev.quipu.runtime.Session;
import java.lang.management.ManagementFactory;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Runs one workload in one session, again and again: random tokens as llama-bench takes them, the first one the
 * beginning-of-sequence token if the model has one. The depth is filled once; between runs the session is cut back to it.
 */
final class Stopwatch {
    private static final int SEED = 1;

    /** What a run took. */
    record Lap(long nanos, long allocatedBytes) {}

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Session session;
    private final Workload workload;
    private final int batch;
    private final int vocabulary;
    private final OptionalInt bos;
    private final int[] one = new int[1];

    Stopwatch(Session session, Workload workload, int batch) {
        this.session = session;
        this.workload = workload;
        this.batch = batch;
        this.vocabulary = session.model().config().vocabularySize();
        this.bos = session.model().tokenizer().bos();
    }

    /** The whole workload. */
    Lap run() {
        return run(workload.prompt(), workload.generated());
    }

    /** Part of the workload. */
    Lap run(int prompt, int generated) {
        if (session.position() < workload.depth()) {
            evaluate(batches(workload.depth()));
        }
        session.truncate(workload.depth());
        int[][] batches = batches(prompt);
        long bytes = threads.getTotalThreadAllocatedBytes();
        long start = System.nanoTime();
        evaluate(batches);
        generate(generated);
        long nanos = System.nanoTime() - start;
        return new Lap(nanos, threads.getTotalThreadAllocatedBytes() - bytes);
    }

    private int[][] batches(int tokens) {
        int[][] batches = new int[(tokens + batch - 1) / batch][];
        for (int i = 0; i < batches.length; i++) {
            int[] ids = random.ints(Math.min(batch, tokens - i * batch), 0, vocabulary)
                    .toArray();
            if (i == 0) {
                ids[0] = bos.orElse(ids[0]);
            }
            batches[i] = ids;
        }
        return batches;
    }

    private void evaluate(int[][] batches) {
        for (int[] ids : batches) {
            session.evaluate(ids);
        }
    }

    private void generate(int tokens) {
        one[0] = bos.orElse(0);
        for (int i = 0; i < tokens; i++) {
            session.evaluate(one);
            one[0] = random.nextInt(vocabulary);
        }
    }
}
