package dev.quipu.runtime.parallel;

/** The end of threads that have been told to stop. */
public final class ThreadEnd {
    private ThreadEnd() {}

    /** Waits for all of them, even if interrupted; the caller is interrupted afterwards then. */
    public static void await(Thread... threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
