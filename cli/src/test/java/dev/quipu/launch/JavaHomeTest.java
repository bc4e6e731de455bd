package dev.quipu.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JavaHomeTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"25,25", "25.0.3,25", "25-ea,25", "25+36,25", "1.8.0_392,8", "1.8,8", "17.0.15,17", "x,0", "'',0"})
    void readsTheFeatureNumberOfAVersion(String version, int feature) {
        assertThat(JavaHome.feature(version)).isEqualTo(feature);
    }

    @Test
    void findsNewEnoughJavasOnly() throws IOException {
        install("a-17", "17.0.1", "java.base jdk.incubator.vector");
        install("b-26", "26", "java.base jdk.incubator.vector");
        install("c-25", "25.0.3", "java.base jdk.incubator.vector");
        install("d-25-image", "25.0.3", "java.base");
        Files.createDirectories(folder.resolve("e-empty"));
        assertThat(JavaHome.installed(
                        List.of(folder.toFile(), folder.resolve("none").toFile())))
                .extracting(JavaHome::feature)
                .containsExactly(26, 25);
    }

    @Test
    void prefersTheOneTheUserNames() throws IOException {
        Path named = install("mine", "25", "java.base jdk.incubator.vector");
        Path running = install("running", "26", "java.base jdk.incubator.vector");
        JavaHome home = JavaHome.choose(Map.of("QUIPU_JAVA_HOME", named.toString()), running.toString());
        assertThat(home.java().toPath()).startsWith(named);
        assertThat(JavaHome.choose(Map.of(), running.toString()).java().toPath())
                .startsWith(running);
    }

    @Test
    void refusesANamedOneThatIsTooOld() throws IOException {
        Path named = install("old", "17", "java.base");
        assertThatThrownBy(() -> JavaHome.choose(Map.of("QUIPU_JAVA_HOME", named.toString()), "/nowhere"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("QUIPU_JAVA_HOME")
                .hasMessageContaining("25");
    }

    @Test
    void saysInOneSentenceWhatToInstall() throws IOException {
        Path running = install("running", "17", "java.base");
        Path named = install("named", "21", "java.base");
        assertThatThrownBy(() -> JavaHome.choose(
                        Map.of("JAVA_HOME", named.toString()), running.toString(), List.of(folder.toFile())))
                .isInstanceOf(IllegalStateException.class)
                .message()
                .startsWith("needs Java 25 or newer")
                .contains("install a JDK 25", "QUIPU_JAVA_HOME")
                .doesNotContain("\n");
    }

    private Path install(String name, String version, String modules) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.createFile(home.resolve("bin/java"));
        Files.createFile(home.resolve("bin/java.exe"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\nMODULES=\"" + modules + "\"\n");
        return home;
    }
}
