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
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines over numbers, with error bars, as a picture.
 *
 * @param xAxis its label, with the unit
 * @param yAxis likewise
 * @param series at least one; drawn in this order, colours and markers tell them apart
 * @param logarithmicX whether equal steps on the x axis are equal factors; x must be positive then
 * @param fromZero whether the y axis begins at zero
 */
public record LinePlot(
        String title, String xAxis, String yAxis, List<Series> series, boolean logarithmicX, boolean fromZero) {
    /** Okabe and Ito's colours, which the colour-blind can tell apart; the palest is left out. */
    private static final Color[] COLOURS = {
        new Color(0x0072B2),
        new Color(0xD55E00),
        new Color(0x009E73),
        new Color(0xCC79A7),
        new Color(0xE69F00),
        new Color(0x56B4E9),
        new Color(0x000000)
    };

    private static final Marker[] MARKERS = {
        SeriesMarkers.CIRCLE,
        SeriesMarkers.SQUARE,
        SeriesMarkers.DIAMOND,
        SeriesMarkers.TRIANGLE_UP,
        SeriesMarkers.CROSS
    };

    private static final int WIDTH = 900;
    private static final int HEIGHT = 560;
    private static final int DPI = 144;

    public LinePlot {
        series = List.copyOf(series);
        if (series.isEmpty()) {
            throw new IllegalArgumentException("nothing to draw for: " + title);
        }
    }

    /** Writes {@code stem.png} and {@code stem.svg}. */
    public void write(Path stem) throws IOException {
        XYChart chart = chart();
        BitmapEncoder.saveBitmapWithDPI(chart, stem + ".png", BitmapFormat.PNG, DPI);
        try (OutputStream out = Files.newOutputStream(Path.of(stem + ".svg"))) {
            VectorGraphics2D drawing = new VectorGraphics2D();
            chart.paint(drawing, WIDTH, HEIGHT);
            Processors.get("svg")
                    .getDocument(drawing.getCommands(), new PageSize(WIDTH, HEIGHT))
                    .writeTo(out);
        }
    }

    private XYChart chart() {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        style(chart.getStyler());
        for (int i = 0; i < series.size(); i++) {
            Series s = series.get(i);
            XYSeries line = s.error().length == 0
                    ? chart.addSeries(s.name(), s.x(), s.y())
                    : chart.addSeries(s.name(), s.x(), s.y(), s.error());
            Color colour = COLOURS[i % COLOURS.length];
            line.setLineColor(colour);
            line.setLineStyle(new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            line.setMarkerColor(colour);
            line.setMarker(MARKERS[i % MARKERS.length]);
        }
        return chart;
    }

    private void style(XYStyler style) {
        Color grid = new Color(0xE4E4E4);
        style.setChartBackgroundColor(Color.WHITE);
        style.setPlotBackgroundColor(Color.WHITE);
        style.setPlotBorderVisible(false);
        style.setPlotGridLinesColor(grid);
        style.setPlotGridLinesStroke(new BasicStroke(1f));
        style.setAxisTicksMarksVisible(true);
        style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
        style.setChartTitleBoxVisible(false);
        style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setLegendBorderColor(Color.WHITE);
        style.setLegendVisible(series.size() > 1);
        style.setMarkerSize(7);
        style.setErrorBarsColorSeriesColor(true);
        style.setXAxisLogarithmic(logarithmicX);
        style.setLocale(java.util.Locale.ROOT);
        if (fromZero) {
            style.setYAxisMin(0.0);
        }
    }
}
