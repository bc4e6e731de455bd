package dev.quipu.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;

/**
 * Any bytes are refused with a {@link GgufFormatException}, or give a head whose tensors lie within them. Runs over the kept
 * inputs with the other tests: the shortest for each outcome, and each set of value types, of 17 million runs. Searches for
 * more with {@code mvn verify -Pfuzz -pl gguf}.
 */
final class GgufReaderFuzzTest {
    @FuzzTest(maxDuration = "20s")
    void readsOrRefuses(byte[] bytes) {
        GgufReader.Head head;
        try {
            head = GgufReader.read(MemorySegment.ofArray(bytes), 0);
        } catch (GgufFormatException e) {
            assertThat(e.offset()).isBetween(0L, (long) bytes.length);
            assertThat(e.getMessage().lines()).hasSize(1);
            return;
        }
        Readable.assertReadable(head.metadata());
        for (TensorInfo tensor : head.tensors()) {
            long start = Math.addExact(head.dataOffset(), tensor.offset());
            assertThat(start % head.alignment()).isZero();
            assertThat(Math.addExact(start, tensor.bytes())).isLessThanOrEqualTo(bytes.length);
        }
    }
}
