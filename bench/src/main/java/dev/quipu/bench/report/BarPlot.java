package dev.quipu.bench.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * Groups of bars, as a picture.
 *
 * @param yAxis its label, with the unit
 * @param groups what stands below each group
 * @param bars by what the legend calls them, one for each group
 */
public record BarPlot(String title, String yAxis, List<String> groups, Map<String, double[]> bars) {
    private static final int LONG_LABELS = 4;

    public BarPlot {
        groups = List.copyOf(groups);
        bars = new LinkedHashMap<>(bars);
        int count = groups.size();
        if (count == 0 || bars.isEmpty() || bars.values().stream().anyMatch(values -> values.length != count)) {
            throw new IllegalArgumentException("nothing to draw, or not one bar for each group: " + title);
        }
    }

    /** Writes {@code stem.png} and {@code stem.svg}. */
    public void write(Path stem) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(Picture.WIDTH)
                .height(Picture.HEIGHT)
                .title(title)
                .yAxisTitle(yAxis)
                .build();
        CategoryStyler style = chart.getStyler();
        Picture.style(style);
        style.setPlotGridVerticalLinesVisible(false);
        style.setAvailableSpaceFill(bars.size() == 1 ? 0.5 : 0.75);
        style.setLegendPosition(LegendPosition.OutsideS);
        style.setLegendVisible(bars.size() > 1);
        style.setYAxisMin(0.0);
        style.setLegendLayout(LegendLayout.Horizontal);
        style.setLabelsVisible(true);
        style.setLabelsPosition(0.9);
        style.setYAxisDecimalPattern("#0.#");
        style.setXAxisLabelRotation(groups.size() > LONG_LABELS ? 30 : 0);
        int number = 0;
        for (Map.Entry<String, double[]> bar : bars.entrySet()) {
            List<Double> values = Arrays.stream(bar.getValue()).boxed().toList();
            chart.addSeries(bar.getKey(), groups, values).setFillColor(Picture.colour(number++));
        }
        Picture.write(chart, stem);
    }
}
