package dev.quipu.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.gguf.GgmlType;
import dev.quipu.runtime.kernel.KernelChoice;
import dev.quipu.runtime.model.ModelFileBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models and sessions in several threads, and closed under each other's feet. */
final class LifetimeTest {
    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void write() throws IOException {
        path = folder.resolve("model.gguf");
        new ModelFileBuilder(64, GgmlType.Q8_0)
                .integer("llama.context_length", 1 << 20)
                .write(path);
    }

    private static EngineOptions options() {
        return EngineOptions.defaults().withThreads(2);
    }

    private static SessionOptions small() {
        return SessionOptions.defaults().withContextTokens(1 << 14).withBatchTokens(64);
    }

    @Test
    void closingTheModelEndsARunningSessionWithAnException() throws Exception {
        Model model = Model.open(path, options());
        Session session = model.newSession(small());
        CountDownLatch running = new CountDownLatch(1);
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<?> endless = thread.submit(() -> {
                while (true) {
                    for (int i = 0; i < 1000; i++) {
                        session.evaluate(1, 2, 3);
                        running.countDown();
                    }
                    session.clear();
                }
            });
            running.await();
            model.close();
            assertThatThrownBy(endless::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> session.evaluate(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(model::newSession).isInstanceOf(IllegalStateException.class);
        session.close();
        model.close();
    }

    @Test
    void aClosedSessionLeavesTheOthersAlone() throws IOException {
        try (Model model = Model.open(path, options())) {
            Session first = model.newSession(small());
            Session second = model.newSession(small());
            float[] expected = second.evaluate(1, 4, 5).clone();
            first.evaluate(1, 2);
            first.close();
            assertThatThrownBy(() -> first.evaluate(3)).isInstanceOf(IllegalStateException.class);
            second.clear();
            assertThat(second.evaluate(1, 4, 5)).containsExactly(expected);
            second.close();
        }
    }

    @Test
    void sessionsInSeveralThreadsComputeWhatTheyComputeAlone() throws Exception {
        try (Model model = Model.open(path, options());
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int worker = 0; worker < 4; worker++) {
                int[] tokens = {1, 3 + worker, 4, 5, 6 - worker % 3};
                float[] alone;
                try (Session session = model.newSession(small())) {
                    alone = session.evaluate(tokens).clone();
                }
                work.add(() -> {
                    boolean same = true;
                    for (int round = 0; round < 50; round++) {
                        try (Session session = model.newSession(small())) {
                            same &= java.util.Arrays.equals(session.evaluate(tokens), alone);
                        }
                    }
                    return same;
                });
            }
            for (Future<Boolean> same : threads.invokeAll(work)) {
                assertThat(same.get()).isTrue();
            }
        }
    }

    @Test
    @SuppressWarnings("try") // one is closed while the other computes
    void twoEnginesOfDifferentWidthsDoNotDisturbEachOther() throws IOException {
        try (Model scalar = Model.open(path, options().withKernel(KernelChoice.SCALAR));
                Model vector = Model.open(path, options());
                Session a = scalar.newSession(small());
                Session b = vector.newSession(small())) {
            float[] first = a.evaluate(1, 4, 5).clone();
            float[] second = b.evaluate(1, 4, 5).clone();
            for (int round = 0; round < 20; round++) {
                a.clear();
                b.clear();
                assertThat(a.evaluate(1, 4, 5)).containsExactly(first);
                assertThat(b.evaluate(1, 4, 5)).containsExactly(second);
            }
            scalar.close();
            b.clear();
            assertThat(b.evaluate(1, 4, 5)).containsExactly(second);
        }
    }
}
