package dev.quipu.bench.limit;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Some threads that do the same work for a while, to see how much all of them together do in a second. */
final class Crew {
    private static final long WARM_UP_NANOS = 150_000_000;
    private static final long NANOS = 250_000_000;

    /** A piece of work, of some ten to hundred microseconds. */
    @FunctionalInterface
    interface Work {
        /** Returns how much was done. */
        long doSome(int thread);
    }

    private Crew() {}

    /** How much the threads do in a second. */
    static double perSecond(int threads, Work work) {
        ExecutorService pool = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("quipu-limit-", 0).factory());
        try {
            var runs = IntStream.range(0, threads)
                    .mapToObj(thread -> pool.submit(() -> rateOf(thread, work)))
                    .toList();
            double sum = 0;
            for (Future<Double> run : runs) {
                sum += run.get();
            }
            return sum;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            pool.shutdown();
        }
    }

    private static double rateOf(int thread, Work work) {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < WARM_UP_NANOS) {
            work.doSome(thread);
        }
        long start = System.nanoTime();
        long done = 0;
        long now = start;
        while (now - start < NANOS) {
            done += work.doSome(thread);
            now = System.nanoTime();
        }
        return done * 1e9 / (now - start);
    }
}
