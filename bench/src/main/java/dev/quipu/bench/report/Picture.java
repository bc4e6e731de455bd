package dev.quipu.bench.report;

import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;

/** How all pictures look, and how they become files. */
public final class Picture {
    static final int WIDTH = 1000;
    static final int HEIGHT = 560;

    private static final int DPI = 144;

    /** Okabe and Ito's colours, which the colour-blind can tell apart, without the palest; a grey and a violet. */
    private static final Color[] COLOURS = {
        new Color(0x0072B2),
        new Color(0xD55E00),
        new Color(0x009E73),
        new Color(0xCC79A7),
        new Color(0xE69F00),
        new Color(0x56B4E9),
        new Color(0x000000),
        new Color(0x777777),
        new Color(0x7F3C8D)
    };

    private Picture() {}

    /** The colour of a series, by its number from 0. */
    public static Color colour(int number) {
        return COLOURS[number % COLOURS.length];
    }

    public static void style(AxesChartStyler style) {
        style.setChartBackgroundColor(Color.WHITE);
        style.setPlotBackgroundColor(Color.WHITE);
        style.setPlotBorderVisible(false);
        style.setPlotGridLinesColor(new Color(0xE4E4E4));
        style.setPlotGridLinesStroke(new BasicStroke(1f));
        style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
        style.setChartTitleBoxVisible(false);
        style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        style.setLegendBorderColor(Color.WHITE);
        style.setLocale(Locale.ROOT);
    }

    /** Writes {@code stem.png} and {@code stem.svg}. */
    public static void write(Chart<?, ?> chart, Path stem) throws IOException {
        BitmapEncoder.saveBitmapWithDPI(chart, stem + ".png", BitmapFormat.PNG, DPI);
        try (OutputStream out = Files.newOutputStream(Path.of(stem + ".svg"))) {
            VectorGraphics2D drawing = new VectorGraphics2D();
            chart.paint(drawing, chart.getWidth(), chart.getHeight());
            Processors.get("svg")
                    .getDocument(drawing.getCommands(), new PageSize(chart.getWidth(), chart.getHeight()))
                    .writeTo(out);
        }
    }
}
