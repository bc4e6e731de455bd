package dev.quipu.cli.command;

import dev.quipu.runtime.Timings;
import java.io.PrintStream;
import java.util.Locale;

/** llama.cpp's timing lines. */
final class TimingLines {
    private TimingLines() {}

    static void print(PrintStream out, long loadNanos, Timings t) {
        double sample = t.sampleNanos() / 1e6;
        double prompt = t.promptNanos() / 1e6;
        double eval = t.evalNanos() / 1e6;
        out.println();
        runs(out, "llama_perf_sampler_print:    sampling time = %10.2f ms / %5d runs  ", sample, t.sampledTokens());
        out.printf(Locale.ROOT, "llama_perf_context_print:        load time = %10.2f ms%n", loadNanos / 1e6);
        runs(out, "llama_perf_context_print: prompt eval time = %10.2f ms / %5d tokens", prompt, t.promptTokens());
        runs(out, "llama_perf_context_print:        eval time = %10.2f ms / %5d runs  ", eval, t.evalTokens());
        out.printf(
                Locale.ROOT,
                "llama_perf_context_print:       total time = %10.2f ms / %5d tokens%n",
                sample + prompt + eval,
                t.promptTokens() + t.evalTokens());
        out.printf(
                Locale.ROOT,
                "llama_perf_context_print:       kv cache   = %10.2f MiB%n",
                KvReport.mebibytes(t.kvBytes()));
    }

    private static void runs(PrintStream out, String format, double milliseconds, int count) {
        out.printf(
                Locale.ROOT,
                format + " (%8.2f ms per token, %8.2f tokens per second)%n",
                milliseconds,
                count,
                count == 0 ? 0 : milliseconds / count,
                milliseconds == 0 ? 0 : count * 1e3 / milliseconds);
    }
}
