package dev.quipu.bench.eviction.plot;

import dev.quipu.bench.report.Picture;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;

/**
 * Numbers over two axes as colours.
 *
 * @param columns labels of the x axis
 * @param rows labels of the y axis, from below
 * @param values double[columns][rows]; NaN stays white
 * @param colours from the smallest to the largest number
 * @param min number of the first colour; smaller ones look the same
 * @param max number of the last colour; larger ones look the same
 * @param written whether the numbers stand in their places
 */
record HeatMap(
        String title,
        String xAxis,
        String yAxis,
        List<String> columns,
        List<String> rows,
        double[][] values,
        Color[] colours,
        double min,
        double max,
        boolean written) {
    /** Better than another is blue, worse is red, and the colour-blind see both. */
    static final Color[] BELOW_AND_ABOVE = {
        new Color(0x2166AC), new Color(0x92C5DE), new Color(0xF7F7F7), new Color(0xF4A582), new Color(0xB2182B)
    };

    static final Color[] NOTHING_TO_ALL = {new Color(0xF7FBFF), new Color(0x9ECAE1), new Color(0x2171B5)};

    /** Writes {@code stem.png} and {@code stem.svg}. */
    void write(Path stem) throws IOException {
        Picture.write(chart(), stem);
    }

    private HeatMapChart chart() {
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(Math.max(560, 230 + 24 * columns.size()))
                .height(Math.max(360, 140 + 24 * rows.size()))
                .title(title)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        List<Number[]> cells = new ArrayList<>();
        for (int x = 0; x < columns.size(); x++) {
            for (int y = 0; y < rows.size(); y++) {
                if (!Double.isNaN(values[x][y])) {
                    cells.add(new Number[] {x, y, Math.clamp(values[x][y], min, max)});
                }
            }
        }
        chart.addSeries(title, columns, rows, cells);
        style(chart.getStyler());
        return chart;
    }

    private void style(HeatMapStyler style) {
        Picture.style(style);
        style.setPlotContentSize(1);
        style.setYAxisTickMarkSpacingHint(18);
        style.setXAxisTickMarkSpacingHint(18);
        // Labels wider than their column stand on end.
        style.setXAxisLabelRotation(columns.stream().anyMatch(label -> label.length() > 3) ? 90 : 0);
        style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
        style.setRangeColors(colours);
        style.setMin(min);
        style.setMax(max);
        style.setDrawBorder(true);
        style.setShowValue(written);
        style.setHeatMapValueDecimalPattern("0.00");
    }
}
