package dev.quipu.cli.perplexity;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;

/**
 * How far a model's predictions are from those of a base, over all scored positions: the statistics and lines of
 * llama-perplexity's {@code --kl-divergence}. Δp is the change of the probability of the token that follows.
 */
public final class Divergence {
    /** Base probabilities below e to this do not count. */
    private static final float NEGLIGIBLE = -16;

    private final LogitsFile base;
    private final PackedRow row;
    private int count;
    private int sameTop;
    private double sum;
    private double squares;
    private double baseSum;
    private double baseSquares;
    private double products;
    private double klSum;
    private double klSquares;
    private double changeSum;
    private double changeSquares;
    private double changeFourths;
    private float[] divergences = new float[1024];
    private float[] changes = new float[1024];

    public Divergence(LogitsFile base) {
        this.base = base;
        row = new PackedRow(base.vocabulary());
    }

    /** Takes the logits of the next scored position, and the token that follows it. */
    public void add(float[] logits, int next) throws IOException {
        base.read(row);
        Softmax softmax = Softmax.of(logits);
        double surprise = softmax.surprise(logits[next]);
        double baseSurprise = -row.logProbability(next);
        sum += surprise;
        squares += surprise * surprise;
        baseSum += baseSurprise;
        baseSquares += baseSurprise * baseSurprise;
        products += surprise * baseSurprise;
        double divergence = 0;
        int baseTop = 0;
        float baseMax = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < base.vocabulary(); i++) {
            float logBase = row.logProbability(i);
            if (logBase > baseMax) {
                baseMax = logBase;
                baseTop = i;
            }
            if (logBase > NEGLIGIBLE) {
                divergence += Math.exp(logBase) * (logBase + softmax.surprise(logits[i]));
            }
        }
        klSum += divergence;
        klSquares += divergence * divergence;
        sameTop += baseTop == softmax.argmax() ? 1 : 0;
        double change = Math.exp(-surprise) - Math.exp(-baseSurprise);
        changeSum += change;
        changeSquares += change * change;
        changeFourths += change * change * change * change;
        if (count == divergences.length) {
            divergences = Arrays.copyOf(divergences, 2 * count);
            changes = Arrays.copyOf(changes, 2 * count);
        }
        divergences[count] = (float) divergence;
        changes[count++] = (float) change;
    }

    private Mean logPerplexity() {
        return Mean.of(sum, squares, count);
    }

    private Mean logBasePerplexity() {
        return Mean.of(baseSum, baseSquares, count);
    }

    private double covariance() {
        return Mean.covariance(sum, baseSum, products, count);
    }

    private Mean logRatio() {
        Mean own = logPerplexity();
        Mean other = logBasePerplexity();
        double variance = own.error() * own.error() + other.error() * other.error() - 2 * covariance();
        return new Mean(own.value() - other.value(), Math.sqrt(Math.max(0, variance)));
    }

    private Mean rootMeanSquareChange() {
        Mean squared = Mean.of(changeSquares, changeFourths, count);
        double root = Math.sqrt(squared.value());
        return new Mean(root, root == 0 ? 0 : 0.5 / root * squared.error());
    }

    private Mean sameTop() {
        double share = (double) sameTop / count;
        return new Mean(share, count < 2 ? 0 : Math.sqrt(share * (1 - share) / (count - 1)));
    }

    /** The heading of {@link #printLine}. */
    public static void printHeading(PrintStream out) {
        out.println("chunk             PPL               ln(PPL(Q)/PPL(base))          KL Divergence"
                + "              Δp RMS            Same top p");
    }

    /** The statistics up to and with a window. */
    public void printLine(PrintStream out, int window) {
        Mean perplexity = logPerplexity().exp();
        Mean ratio = logRatio();
        Mean divergence = Mean.of(klSum, klSquares, count);
        Mean change = rootMeanSquareChange();
        Mean same = sameTop();
        out.printf(
                Locale.ROOT,
                "%4d    %9.4f ± %9.4f    %10.5f ± %10.5f    %10.5f ± %10.5f    %6.3f ± %6.3f %%    %6.3f ± %6.3f %%%n",
                window,
                perplexity.value(),
                perplexity.error(),
                ratio.value(),
                ratio.error(),
                divergence.value(),
                divergence.error(),
                100 * change.value(),
                100 * change.error(),
                100 * same.value(),
                100 * same.error());
    }

    /** The three blocks that end the report. */
    public void printSummary(PrintStream out) {
        Mean own = logPerplexity().exp();
        Mean other = logBasePerplexity().exp();
        double correlation =
                covariance() / (logPerplexity().error() * logBasePerplexity().error());
        double variance = own.error() * own.error()
                + other.error() * other.error()
                - 2 * own.value() * other.value() * covariance();
        out.println("====== Perplexity statistics ======");
        line(out, "Mean PPL(Q)                   ", own);
        line(out, "Mean PPL(base)                ", other);
        out.printf(Locale.ROOT, "Cor(ln(PPL(Q)), ln(PPL(base))): %6.2f%%%n", 100 * correlation);
        line(out, "Mean ln(PPL(Q)/PPL(base))     ", logRatio());
        line(out, "Mean PPL(Q)/PPL(base)         ", logRatio().exp());
        line(
                out,
                "Mean PPL(Q)-PPL(base)         ",
                new Mean(own.value() - other.value(), Math.sqrt(Math.max(0, variance))));
        out.println();
        out.println("====== KL divergence statistics ======");
        line(out, "Mean    KLD", Mean.of(klSum, klSquares, count));
        Quantiles quantiles = new Quantiles(Arrays.copyOf(divergences, count));
        for (Quantiles.Named quantile : Quantiles.Named.values()) {
            if (quantile.ofDivergence()) {
                out.printf(Locale.ROOT, "%s KLD: %10.6f%n", quantile.label(), quantiles.at(quantile));
            }
        }
        out.println();
        out.println("====== Token probability statistics ======");
        percent(out, "Mean    Δp", Mean.of(changeSum, changeSquares, count));
        Quantiles ofChanges = new Quantiles(Arrays.copyOf(changes, count));
        for (Quantiles.Named quantile : Quantiles.Named.values()) {
            out.printf(Locale.ROOT, "%s Δp: %6.3f%%%n", quantile.label(), 100 * ofChanges.at(quantile));
        }
        percent(out, "RMS Δp    ", rootMeanSquareChange());
        percent(out, "Same top p", sameTop());
    }

    private static void line(PrintStream out, String name, Mean mean) {
        out.printf(Locale.ROOT, "%s: %10.6f ± %10.6f%n", name, mean.value(), mean.error());
    }

    private static void percent(PrintStream out, String name, Mean mean) {
        out.printf(Locale.ROOT, "%s: %6.3f ± %5.3f %%%n", name, 100 * mean.value(), 100 * mean.error());
    }
}
