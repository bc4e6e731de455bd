package dev.quipu.runtime.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkerTeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 64})
    void runsEveryTaskOnceWhateverTheNumberOfThreads(int threads) {
        try (WorkerTeam team = new WorkerTeam(threads, "test")) {
            int jobs = threads > 8 ? 50 : 2000;
            for (int tasks : new int[] {0, 1, 2, 7, 100}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
                for (int job = 0; job < jobs; job++) {
                    team.run(tasks, (task, worker) -> {
                        assertThat(worker).isBetween(0, threads - 1);
                        runs.incrementAndGet(task);
                    });
                }
                int[] counts = new int[tasks];
                Arrays.setAll(counts, runs::get);
                assertThat(counts).containsOnly(tasks == 0 ? new int[0] : new int[] {jobs});
            }
        }
    }

    @Test
    void makesPlainWritesVisibleAcrossJobs() {
        try (WorkerTeam team = new WorkerTeam(4, "test")) {
            long[] cells = new long[1000];
            for (int job = 0; job < 5000; job++) {
                team.run(cells.length / 10, (task, worker) -> {
                    for (int i = 0; i < 10; i++) {
                        cells[task * 10 + i]++;
                    }
                });
            }
            assertThat(cells).containsOnly(5000L);
        }
    }

    @Test
    void wakesAfterASleep() throws InterruptedException {
        try (WorkerTeam team = new WorkerTeam(3, "test")) {
            int[] runs = new int[64];
            for (int job = 0; job < 5; job++) {
                team.run(runs.length, (task, worker) -> runs[task]++);
                Thread.sleep(30);
            }
            assertThat(runs).containsOnly(5);
        }
    }

    @Test
    void parksWhenIdle() throws InterruptedException {
        try (WorkerTeam team = new WorkerTeam(8, "idle-test")) {
            for (int job = 0; job < 3; job++) {
                team.run(100, (task, worker) -> Thread.onSpinWait());
                List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("idle-test"))
                        .toList();
                assertThat(threads).hasSize(7);
                for (int i = 0; i < 1000 && !parked(threads); i++) {
                    Thread.sleep(10);
                }
                assertThat(threads).allMatch(thread -> thread.getState() == Thread.State.WAITING);
            }
        }
    }

    private static boolean parked(List<Thread> threads) {
        return threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING);
    }

    @Test
    void rethrowsWhatATaskThrewAndStaysUsable() {
        try (WorkerTeam team = new WorkerTeam(3, "test")) {
            assertThatThrownBy(() -> team.run(100, (task, worker) -> {
                        if (task == 42) {
                            throw new IllegalStateException("task 42");
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("task 42");
            int[] runs = new int[10];
            team.run(10, (task, worker) -> runs[task]++);
            assertThat(runs).containsOnly(1);
        }
    }

    @Test
    void refusesWorkOnceClosed() {
        WorkerTeam team = new WorkerTeam(2, "test");
        team.close();
        team.close();
        assertThatThrownBy(() -> team.run(2, (task, worker) -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void allocatesNothingPerJob() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (WorkerTeam team = new WorkerTeam(2, "test")) {
            int[] sink = new int[16];
            WorkerTeam.Task job = (task, worker) -> sink[task]++;
            for (int i = 0; i < 20_000; i++) {
                team.run(16, job);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                team.run(16, job);
            }
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isZero();
        }
    }
}
