package dev.quipu.runtime.model;

import com.sun.management.ThreadMXBean;
import dev.quipu.runtime.kernel.Kernels;
import dev.quipu.runtime.parallel.ThreadEnd;
import java.io.UncheckedIOException;
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
    private static final int PASSES = 5;

    /** Bytes that a pass of compiled code may allocate. */
    private static final long NOTHING = 1024;

    /** What is left of the bytes that a pass of interpreted code allocates, when that of the kernels is compiled. */
    private static final int LEAST_PART = 16;

    /** Passes after which nothing more is expected to be compiled, if they allocated the same, though more than nothing. */
    private static final int STEADY = 6;

    private static final long PAUSE_MILLIS = 4;
    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    /** How long the kernels of single tokens wait for a prompt that nobody asks for. */
    private static final long PATIENCE_MILLIS = 500;

    private final CountDownLatch promptReady = new CountDownLatch(1);
    private final CountDownLatch tokenWanted = new CountDownLatch(1);
    private final CountDownLatch tokenReady = new CountDownLatch(1);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Thread thread;
    private volatile boolean promptAwaited;
    private volatile boolean closed;

    WarmUp(Miniature miniature, Kernels kernels) {
        thread = Thread.ofPlatform().daemon().name("quipu-warm-up").unstarted(() -> run(miniature, kernels));
        thread.start();
    }

    private void run(Miniature miniature, Kernels kernels) {
        try (MiniatureRun run = new MiniatureRun(miniature, kernels)) {
            repeat(run::prompt);
            promptReady.countDown();
            // What is compiled while a prompt is on its way, or computed, takes the cores from it.
            if (!tokenWanted.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS) && promptAwaited) {
                tokenWanted.await();
            }
            repeat(run::token);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (UncheckedIOException e) {
            // No room for a cache: a session meets the same, and its user is told.
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
        for (int i = 0; steady < STEADY && last > NOTHING && System.nanoTime() < end && !closed; i++) {
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
        try {
            if (tokens <= Transformer.FEW) {
                tokenWanted.countDown();
                tokenReady.await();
            } else {
                promptAwaited = true;
                promptReady.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says that a prompt has been computed, and single tokens will come. */
    void release() {
        tokenWanted.countDown();
    }

    /** Ends it after its current pass, and waits for that. */
    @Override
    public void close() {
        closed = true;
        tokenWanted.countDown();
        ThreadEnd.await(thread);
    }
}
