package dev.quipu.bench.throughput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "512|512",
                "1,2,8|1 2 8",
                "1-4|1 2 3 4",
                "0-4096+1024|0 1024 2048 3072 4096",
                "1-20*3|1 3 9",
                "7,1-8*2,0|7 1 2 4 8 0",
                "5-5|5"
            })
    void readsListsAndRanges(String text, String numbers) {
        List<Integer> expected =
                Arrays.stream(numbers.split(" ")).map(Integer::valueOf).toList();
        assertThat(Numbers.parse("-p", List.of(text))).isEqualTo(expected);
    }

    @Test
    void repeatedOptionsAddUp() {
        assertThat(Numbers.parse("-p", List.of("1,2", "3"))).containsExactly(1, 2, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "1,", "8-1", "1-8+0", "1-8*1", "0-8*2", "1-8-2", "99999999999"})
    void refusesWhatIsNoListOfNumbers(String text) {
        assertThatThrownBy(() -> Numbers.parse("-p", List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("-p");
    }
}
