package dev.quipu.runtime.model;

import com.sun.management.ThreadMXBean;
import dev.quipu.kvcache.KvType;
import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.SessionOptions;
import dev.quipu.runtime.kernel.KernelChoice;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Evaluates one token after the other, and batches, for each type of keys and values, until no thread of the process allocates
 * or for too long; prints the last figures. A batch may have objects for the memory of its cells.
 */
final class EvaluationProbe {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CONTEXT = 448;
    private static final int BATCH = 40;

    /** Bytes of a batch that are no vectors, of which any loop over a panel has dozens. */
    static final int CELLS = 250;

    /** Evaluations between two looks. */
    private static final int WINDOW = 10;

    /** How much of the processor interpreted code may take until a compiler that is busy has replaced it. */
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private EvaluationProbe() {}

    /** @param args model, kernel */
    public static void main(String[] args) throws IOException {
        EngineOptions options = EngineOptions.defaults().withThreads(2).withKernel(KernelChoice.parse(args[1]));
        try (Model model = Model.open(Path.of(args[0]), options)) {
            for (KvType type : KvType.values()) {
                SessionOptions rows = SessionOptions.defaults()
                        .withContextTokens(CONTEXT)
                        .withKeys(type)
                        .withValues(type);
                try (Session session = model.newSession(rows)) {
                    System.out.println("bytes " + type + " 1 " + allocated(session, 1));
                    System.out.println("bytes " + type + " " + BATCH + " " + allocated(session, BATCH));
                }
            }
        }
    }

    private static long allocated(Session session, int count) {
        int[] tokens = new int[count];
        Arrays.fill(tokens, 4);
        long deadline = THREADS.getCurrentThreadCpuTime() + PATIENCE_NANOS;
        long last = -1;
        int quiet = 0;
        long[] ids = Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread == Thread.currentThread() || thread.getName().startsWith("quipu-worker"))
                .mapToLong(Thread::threadId)
                .toArray();
        while (quiet < 5 && THREADS.getCurrentThreadCpuTime() < deadline) {
            if (session.position() + WINDOW * count > CONTEXT) {
                session.clear();
            }
            long before = bytes(ids);
            for (int i = 0; i < WINDOW; i++) {
                session.evaluate(tokens);
            }
            last = (bytes(ids) - before + WINDOW - 1) / WINDOW;
            quiet = last <= (count == 1 ? 0 : CELLS) ? quiet + 1 : 0;
        }
        return last;
    }

    private static long bytes(long[] ids) {
        long sum = 0;
        for (long id : ids) {
            sum += THREADS.getThreadAllocatedBytes(id);
        }
        return sum;
    }
}
