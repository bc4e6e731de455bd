package dev.quipu.runtime.model;

import com.sun.management.ThreadMXBean;
import dev.quipu.runtime.EngineOptions;
import dev.quipu.runtime.Model;
import dev.quipu.runtime.Session;
import dev.quipu.runtime.SessionOptions;
import dev.quipu.runtime.kernel.KernelChoice;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** Evaluates one token after the other until no thread of the process allocates, or for too long; prints the last figure. */
final class EvaluationProbe {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CONTEXT = 2048;

    /** Tokens between two looks. */
    private static final int WINDOW = 20;

    /** How long a compiler that is busy may take. */
    private static final long PATIENCE_NANOS = 40_000_000_000L;

    private EvaluationProbe() {}

    public static void main(String[] args) throws IOException {
        EngineOptions options = EngineOptions.defaults().withThreads(2).withKernel(KernelChoice.parse(args[1]));
        SessionOptions context = SessionOptions.defaults().withContextTokens(CONTEXT);
        try (Model model = Model.open(Path.of(args[0]), options);
                Session session = model.newSession(context)) {
            System.out.println("bytes " + allocated(session));
        }
    }

    private static long allocated(Session session) {
        int[] token = {4};
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        long last = -1;
        int quiet = 0;
        long[] ids = Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread == Thread.currentThread() || thread.getName().startsWith("quipu-worker"))
                .mapToLong(Thread::threadId)
                .toArray();
        while (quiet < 5 && System.nanoTime() < deadline) {
            if (session.position() + WINDOW > CONTEXT) {
                session.clear();
            }
            long before = bytes(ids);
            for (int i = 0; i < WINDOW; i++) {
                session.evaluate(token);
            }
            last = bytes(ids) - before;
            quiet = last == 0 ? quiet + 1 : 0;
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
