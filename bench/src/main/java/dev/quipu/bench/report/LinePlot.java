package dev.quipu.bench.report;

import java.awt.BasicStroke;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
    private static final Marker[] MARKERS = {
        SeriesMarkers.CIRCLE,
        SeriesMarkers.SQUARE,
        SeriesMarkers.DIAMOND,
        SeriesMarkers.TRIANGLE_UP,
        SeriesMarkers.CROSS
    };

    private static final BasicStroke WHOLE = new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    private static final BasicStroke BROKEN =
            new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, new float[] {6f, 5f}, 0f);

    public LinePlot {
        series = List.copyOf(series);
        if (series.isEmpty()) {
            throw new IllegalArgumentException("nothing to draw for: " + title);
        }
    }

    /** Writes {@code stem.png} and {@code stem.svg}. */
    public void write(Path stem) throws IOException {
        Picture.write(chart(), stem);
    }

    private XYChart chart() {
        XYChart chart = new XYChartBuilder()
                .width(Picture.WIDTH)
                .height(Picture.HEIGHT)
                .title(title)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        style(chart.getStyler());
        int number = -1;
        for (Series s : series) {
            number += s.counterpart() ? 0 : 1;
            XYSeries line = s.error().length == 0
                    ? chart.addSeries(s.name(), s.x(), s.y())
                    : chart.addSeries(s.name(), s.x(), s.y(), s.error());
            line.setLineColor(Picture.colour(number));
            line.setLineStyle(s.counterpart() ? BROKEN : WHOLE);
            line.setMarkerColor(Picture.colour(number));
            line.setMarker(MARKERS[number % MARKERS.length]);
        }
        return chart;
    }

    private void style(XYStyler style) {
        Picture.style(style);
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setLegendVisible(series.size() > 1);
        style.setMarkerSize(7);
        style.setErrorBarsColorSeriesColor(true);
        style.setXAxisLogarithmic(logarithmicX);
        style.setXAxisDecimalPattern("#0.##");
        if (fromZero) {
            style.setYAxisMin(0.0);
        }
    }
}
