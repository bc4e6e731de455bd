package dev.quipu.bench.eviction.plot;

import dev.quipu.bench.report.Picture;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines with intervals; equal steps to the right are equal factors, and the ticks are where the points are.
 *
 * @param lines at least one, drawn in this order
 * @param logarithmic whether equal steps upwards are equal factors, too
 */
record LineChart(String title, String xAxis, String yAxis, List<Line> lines, boolean logarithmic) {
    private static final Marker[] MARKERS = {
        SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP
    };

    private static final int PLOT = 620;
    private static final int LETTER = 7;
    private static final int HEIGHT = 500;

    /** Between the intervals of two lines, in powers of ten. */
    private static final double APART = 0.006;

    /** Writes {@code stem.png} and {@code stem.svg}. */
    void write(Path stem) throws IOException {
        Picture.write(chart(), stem);
    }

    private XYChart chart() {
        int longest =
                lines.stream().mapToInt(line -> line.name().length()).max().orElse(0);
        XYChart chart = new XYChartBuilder()
                .width(PLOT + 60 + LETTER * longest)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        style(chart.getStyler());
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            Color colour = Picture.colour(i);
            XYSeries series = chart.addSeries(line.name(), logarithms(line.x()), heights(line.y()));
            series.setLineColor(colour);
            series.setLineStyle(new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            series.setMarkerColor(colour);
            series.setMarker(MARKERS[i % MARKERS.length]);
            intervals(chart, line, colour, (i - (lines.size() - 1) / 2.0) * APART);
        }
        chart.setCustomXAxisTickLabelsFormatter(value -> number(Math.pow(10, value)));
        if (logarithmic) {
            chart.setCustomYAxisTickLabelsFormatter(value -> number(Math.pow(10, value)));
        }
        return chart;
    }

    private static double[] logarithms(double[] values) {
        return Arrays.stream(values).map(Math::log10).toArray();
    }

    private double[] heights(double[] values) {
        return logarithmic ? logarithms(values) : values;
    }

    /**
     * Each as a line of its own: they need not lie evenly about the point.
     *
     * @param aside how far to the right of the point, so that intervals of several lines can be told apart
     */
    private void intervals(XYChart chart, Line line, Color colour, double aside) {
        for (int i = 0; i < line.x().length; i++) {
            if (line.low()[i] < line.high()[i] && (line.low()[i] > 0 || !logarithmic)) {
                double x = Math.log10(line.x()[i]) + aside;
                double[] ends = heights(new double[] {line.low()[i], line.high()[i]});
                // A policy without a budget has several points in one place.
                XYSeries series = chart.addSeries(line.name() + ", interval " + i, new double[] {x, x}, ends);
                series.setLineColor(colour);
                series.setLineStyle(new BasicStroke(1f));
                series.setMarker(SeriesMarkers.NONE);
                series.setShowInLegend(false);
            }
        }
    }

    /** Two digits are enough where ticks are powers of ten. */
    private static String number(double value) {
        double digits = Math.floor(Math.log10(value)) - 1;
        double unit = Math.pow(10, Math.min(digits, 0));
        return String.format(Locale.ROOT, "%.4f", Math.round(value / unit) * unit)
                .replaceAll("\\.?0+$", "");
    }

    private void style(XYStyler style) {
        Picture.style(style);
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setMarkerSize(7);
        if (!logarithmic) {
            style.setYAxisMin(0.0);
        }
    }
}
