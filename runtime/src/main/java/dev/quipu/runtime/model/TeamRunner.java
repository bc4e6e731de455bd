package dev.quipu.runtime.model;

import dev.quipu.kvcache.TaskRunner;
import dev.quipu.runtime.parallel.WorkerTeam;

/** The worker team as the cache knows it. */
record TeamRunner(WorkerTeam team) implements TaskRunner {
    @Override
    public int workers() {
        return team.threads();
    }

    @Override
    public void run(int tasks, Task task) {
        team.run(tasks, task::run);
    }
}
