package dev.quipu.bench.eviction.plot;

import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/** A chart as pixels and as shapes. */
final class ChartFile {
    private static final int DPI = 120;

    private ChartFile() {}

    /** Writes {@code stem.png} and {@code stem.svg}. */
    static void write(Chart<?, ?> chart, Path stem) throws IOException {
        BitmapEncoder.saveBitmapWithDPI(chart, stem + ".png", BitmapFormat.PNG, DPI);
        VectorGraphics2D drawing = new VectorGraphics2D();
        chart.paint(drawing, chart.getWidth(), chart.getHeight());
        try (OutputStream out = Files.newOutputStream(Path.of(stem + ".svg"))) {
            Processors.get("svg")
                    .getDocument(drawing.getCommands(), new PageSize(chart.getWidth(), chart.getHeight()))
                    .writeTo(out);
        }
    }
}
