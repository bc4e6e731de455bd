package dev.quipu.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgramTest {
    @Test
    void someCommandsCompute() {
        Program program = new Program("Main", "run  chat eval", "run chat");
        assertThat(program.computes(arguments("run", "-n", "1"))).isTrue();
        assertThat(program.computes(arguments("list"))).isFalse();
        assertThat(program.computes(arguments())).isFalse();
    }

    @Test
    void allCommandsCompute() {
        Program program = new Program("Main", "*", "");
        assertThat(program.computes(arguments("-m", "x.gguf"))).isTrue();
        assertThat(program.computes(arguments())).isTrue();
    }

    @Test
    void helpComputesNothing() {
        Program program = new Program("Main", "*", "");
        assertThat(program.computes(arguments("run", "--help"))).isFalse();
        assertThat(program.computes(arguments("-h"))).isFalse();
        assertThat(program.computes(arguments("run", "--", "-h"))).isTrue();
    }

    private static String[] arguments(String... arguments) {
        return arguments;
    }

    @Test
    void aPersonWaitsForSomeAnswers() {
        Program program = new Program("Main", "run chat eval", "run chat");

        assertThat(program.answers(new String[] {"run", "Hello"})).isTrue();
        assertThat(program.answers(new String[] {"run", "--help"})).isFalse();
        assertThat(program.answers(new String[] {"eval"})).isFalse();
        assertThat(program.answers(new String[0])).isFalse();
    }
}
