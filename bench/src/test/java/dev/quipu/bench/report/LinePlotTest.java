package dev.quipu.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinePlotTest {
    @TempDir
    Path folder;

    @Test
    void writesPngAndSvg() throws IOException {
        Series one =
                new Series("one", new double[] {1, 2, 4}, new double[] {3, 5, 4}, new double[] {0.5, 0.2, 0.1}, false);
        Series two = Series.of("two", new double[] {1, 8}, new double[] {1, 2});
        new LinePlot("title", "threads", "tok/s", List.of(one, two), true, true).write(folder.resolve("plot"));
        BufferedImage image = ImageIO.read(folder.resolve("plot.png").toFile());
        assertThat(image.getWidth()).isGreaterThan(900);
        assertThat(Files.readString(folder.resolve("plot.svg")))
                .contains("<svg")
                .contains("rgb(0,114,178)");
    }

    @Test
    void refusesToDrawNothing() {
        assertThatThrownBy(() -> new LinePlot("empty", "x", "y", List.of(), false, true))
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> Series.of("s", new double[1], new double[2])).hasMessageContaining("s: 1 x, 2 y");
    }
}
