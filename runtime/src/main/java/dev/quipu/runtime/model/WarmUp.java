package dev.quipu.runtime.model;

import com.sun.management.ThreadMXBean;
import dev.quipu.kvcache.KvCache;
import dev.quipu.kvcache.KvLayout;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.parallel.ThreadEnd;
import dev.quipu.runtime.parallel.WorkerTeam;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Calls all kernels of an engine until they are compiled, on a thread of its own, while the rest of the model is opened:
 * first those that a prompt needs, then those of single tokens.
 *
 * <p>Until C2 has compiled it, each operation on a vector is a call that allocates, some hundred times slower. It takes C2
 * about half a second to compile a model's kernels, however it comes to that; so a {@link Miniature} asks for it early and
 * with little work.
 */
final class WarmUp implements AutoCloseable {
    /** Passes after which every kernel waits to be compiled, and more only disturb. */
    private static final int PASSES = 12;

    /** What is left of the bytes that a pass of interpreted code allocates, when that of the kernels is compiled. */
    private static final int LEAST_PART = 16;

    /** Passes after which nothing more is expected to be compiled, if they allocated the same. */
    private static final int STEADY = 6;

    private static final long PAUSE_MILLIS = 4;
    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    private final CountDownLatch promptReady = new CountDownLatch(1);
    private final CountDownLatch promptDone = new CountDownLatch(1);
    private final CountDownLatch tokenReady = new CountDownLatch(1);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Thread thread;
    private volatile boolean promptAwaited;
    private volatile boolean closed;

    /** @param layout of a cache for the miniature */
    WarmUp(Miniature miniature, KvLayout layout, Kernels kernels) {
        thread = Thread.ofPlatform().daemon().name("quipu-warm-up").unstarted(() -> run(miniature, layout, kernels));
        thread.start();
    }

    private void run(Miniature miniature, KvLayout layout, Kernels kernels) {
        int[] tokens = new int[Transformer.FEW + 1]; // the shortest that is computed as a prompt
        float[] logits = new float[Miniature.VOCABULARY];
        try (WorkerTeam alone = new WorkerTeam(1, "quipu-warm-up");
                Workspace workspace = new Workspace(miniature.config());
                Transformer transformer =
                        new Transformer(miniature.config(), miniature.weights(), kernels, alone, workspace);
                KvCache kv = KvCache.create(layout, kernels.width())) {
            SequenceCache cache = SequenceCache.of(kv, 1);
            Runnable prompt = () -> {
                kv.truncate(0);
                transformer.evaluate(cache, tokens, 0, tokens.length, logits);
            };
            Runnable token = () -> {
                kv.truncate(tokens.length);
                transformer.evaluate(cache, tokens, 0, 1, logits);
            };
            repeat(prompt);
            promptReady.countDown();
            if (promptAwaited) {
                promptDone.await();
            }
            repeat(token);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            promptReady.countDown();
            tokenReady.countDown();
        }
    }

    /** A vector is an object until the kernel is compiled, so what a pass allocates tells how much is not. */
    private void repeat(Runnable pass) throws InterruptedException {
        long end = System.nanoTime() + LIMIT_NANOS;
        long most = 0;
        long last = Long.MAX_VALUE;
        int steady = 0;
        for (int i = 0; steady < STEADY && System.nanoTime() < end && !closed; i++) {
            if (i >= PASSES) {
                Thread.sleep(PAUSE_MILLIS);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            pass.run();
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            most = Math.max(most, bytes);
            steady = bytes < most / LEAST_PART && bytes >= last - last / LEAST_PART ? steady + 1 : 0;
            last = bytes;
        }
    }

    /** Waits until kernels are compiled for a batch of so many tokens, or it has taken too long. */
    void await(int tokens) {
        promptAwaited = tokens > 1;
        try {
            (tokens == 1 ? tokenReady : promptReady).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the wait for a prompt that was waiting: while it is computed, nothing else is compiled on its cores. */
    void release() {
        promptDone.countDown();
    }

    /** Ends it after its current pass, and waits for that. */
    @Override
    public void close() {
        closed = true;
        promptDone.countDown();
        ThreadEnd.await(thread);
    }
}
