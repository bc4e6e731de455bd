package dev.quipu.kvcache;

/** Runs independent tasks, on as many threads as it likes: a port for the caller's worker team. */
public interface TaskRunner {
    /** Workers there may be. */
    int workers();

    /** Runs {@code task.run(i, worker)} for i in [0, tasks) and returns when all are done. */
    void run(int tasks, Task task);

    /** One task; a worker's number is that of no other thread at the time. */
    @FunctionalInterface
    interface Task {
        void run(int index, int worker);
    }

    /** Everything on the caller's thread. */
    static TaskRunner sequential() {
        return new TaskRunner() {
            @Override
            public int workers() {
                return 1;
            }

            @Override
            public void run(int tasks, Task task) {
                for (int i = 0; i < tasks; i++) {
                    task.run(i, 0);
                }
            }
        };
    }
}
