package dev.quipu.runtime.parallel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of threads that carry out one job at a time, a job being a row of independent tasks.
 *
 * <p>A token takes about a hundred jobs of some ten microseconds each, so handing one over must cost well under a
 * microsecond. Waiting threads therefore spin, after {@value #SPINS} rounds yield, and after {@value #YIELDS} more park:
 * an idle team uses no processor time. Tasks are handed out one by one, so a thread that loses its core for a while
 * delays the job by at most the task it holds.
 *
 * <p>The caller takes part as worker 0. Jobs of different callers must not overlap: the engine that owns the team lets
 * one caller in at a time. {@link #run} allocates nothing.
 */
public final class WorkerTeam implements AutoCloseable {
    /** Tasks that one job can have. */
    public static final int MAX_TASKS = 1 << 23;

    private static final int SPINS = 20_000;
    private static final int YIELDS = 200;

    /*
     * The ticket is the whole state of a job in one word: its number, how many tasks it has, and the next task to take.
     * Taking a task is one atomic increment. A late thread that still has the previous job in mind reads from the word
     * it got which job it has a task of, and whether there is one; as long as that task is not reported done, the job
     * cannot end and `job` cannot change under it.
     *
     *   63        48 47            24 23             0
     *   [ job number ][ task count   ][ next task    ]
     */
    private static final class TicketBits {
        static final int TASKS = 24; // twice MAX_TASKS, since threads that find no task left count on
        static final long MASK = (1L << TASKS) - 1;

        static int next(long ticket) {
            return (int) (ticket & MASK);
        }

        static int tasks(long ticket) {
            return (int) (ticket >>> TASKS & MASK);
        }

        static boolean hasWork(long ticket) {
            return next(ticket) < tasks(ticket);
        }
    }

    /** One job: {@code run} is called once for each task, from any of the team's threads. */
    @FunctionalInterface
    public interface Task {
        /**
         * @param task in [0, tasks)
         * @param worker in [0, threads): which scratch memory to use
         */
        void run(int task, int worker);
    }

    private static final VarHandle TICKET;
    private static final VarHandle DONE;
    private static final VarHandle SLEEPERS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TICKET = lookup.findVarHandle(WorkerTeam.class, "ticket", long.class);
            DONE = lookup.findVarHandle(WorkerTeam.class, "done", int.class);
            SLEEPERS = lookup.findVarHandle(WorkerTeam.class, "sleepers", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread[] threads;
    private volatile long ticket;
    private volatile int done;
    private volatile int sleepers;
    private volatile boolean closed;
    private @Nullable Task job;
    private volatile @Nullable Throwable failure;
    private int jobNumber;

    /**
     * @param threads how many threads work, the caller's among them: 1 to 1024
     * @param name prefix of the threads' names
     */
    public WorkerTeam(int threads, String name) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads must be 1 to 1024, not " + threads);
        }
        this.threads = new Thread[threads - 1];
        for (int i = 0; i < this.threads.length; i++) {
            int worker = i + 1;
            this.threads[i] =
                    Thread.ofPlatform().daemon().name(name + "-" + worker).unstarted(() -> work(worker));
        }
        for (Thread thread : this.threads) {
            thread.start();
        }
    }

    /** How many threads work, the caller's among them. */
    public int threads() {
        return threads.length + 1;
    }

    /** Jobs so far that threads had to share, and so to wait for each other at the end. */
    public int sharedJobs() {
        return jobNumber;
    }

    /**
     * Runs {@code task.run(i, worker)} for every i in [0, tasks) and returns when all have ended. What they wrote is
     * visible to the caller and to later jobs.
     *
     * @throws IllegalStateException if the team is closed
     */
    public void run(int tasks, Task task) {
        if (tasks < 0 || tasks > MAX_TASKS) {
            throw new IllegalArgumentException("tasks must be 0 to " + MAX_TASKS + ", not " + tasks);
        }
        if (closed) {
            throw new IllegalStateException("the worker team is closed");
        }
        if (threads.length == 0 || tasks <= 1) {
            for (int i = 0; i < tasks; i++) {
                task.run(i, 0);
            }
            return;
        }
        job = task;
        DONE.setOpaque(this, 0);
        jobNumber++;
        TICKET.setVolatile(this, (long) jobNumber << 48 | (long) tasks << TicketBits.TASKS);
        if ((int) SLEEPERS.getVolatile(this) > 0) {
            for (Thread thread : threads) {
                LockSupport.unpark(thread);
            }
        }
        takeTasks(0);
        awaitDone(tasks);
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            rethrow(thrown);
        }
    }

    private void takeTasks(int worker) {
        while (true) {
            long taken = (long) TICKET.getAndAdd(this, 1L);
            if (!TicketBits.hasWork(taken)) {
                return;
            }
            Task current = job;
            try {
                if (current != null) {
                    current.run(TicketBits.next(taken), worker);
                }
            } catch (Throwable t) {
                failure = t;
            } finally {
                DONE.getAndAdd(this, 1);
            }
            if (!TicketBits.hasWork(ticket)) {
                return;
            }
        }
    }

    private void awaitDone(int tasks) {
        int rounds = 0;
        while (done != tasks) {
            if (rounds < SPINS) {
                Thread.onSpinWait();
                rounds++;
            } else {
                Thread.yield();
            }
        }
    }

    private void work(int worker) {
        int rounds = 0;
        while (!closed) {
            if (TicketBits.hasWork(ticket)) {
                takeTasks(worker);
                rounds = 0;
            } else if (rounds < SPINS) {
                Thread.onSpinWait();
                rounds++;
            } else if (rounds < SPINS + YIELDS) {
                Thread.yield();
                rounds++;
            } else {
                sleep();
                rounds = 0;
            }
        }
    }

    /** Parks until there may be work. The job's publisher looks at {@code sleepers} after it has set the ticket. */
    private void sleep() {
        SLEEPERS.getAndAdd(this, 1);
        try {
            while (!closed && !TicketBits.hasWork(ticket)) {
                LockSupport.park(this);
                // An interrupt makes park return at once; this thread is nobody's to interrupt.
                Thread.interrupted();
            }
        } finally {
            SLEEPERS.getAndAdd(this, -1);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void rethrow(Throwable t) throws T {
        throw (T) t;
    }

    /** Ends the threads and waits for them. A closed team runs no more jobs; closing it twice does nothing. */
    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
        ThreadEnd.await(threads);
    }
}
