package dev.quipu.launch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * JVM options for a command whose first answer is waited for.
 *
 * <p>Vector code is some hundred times slower until C2 has compiled it, and by default it does so after thousands of calls.
 * Here the kernels are compiled after a handful, which the runtime's warm-up makes while the model is opened.
 */
final class QuickStart {
    /** Tells the command that a warm-up is worth its while. */
    private static final String WARM_UP = "-Dquipu.warmup=true";

    /** Types that no option is of, and for which picocli would load converters. */
    private static final String NO_CONVERTERS = "-Dpicocli.converters.excludes=java.sql.*,java.time.*";

    /** Methods of kernels, and loops around them that few calls go through: a first prompt would interpret those to its end. */
    private static final String[] KERNELS = {
        "dev/quipu/runtime/kernel/*.*",
        "dev/quipu/runtime/matmul/Vector*.*",
        "dev/quipu/runtime/matmul/PairedKernel*.*",
        "dev/quipu/runtime/matmul/MatMul.quants",
        "dev/quipu/runtime/matmul/MatMul.touch",
        "dev/quipu/runtime/step/*.*",
        "dev/quipu/kvcache/attention/*.*",
        "dev/quipu/kvcache/BatchAttention.*",
        "dev/quipu/kvcache/PrefillAttention.*"
    };

    /** Classes with loops over tokens and cells, where a cache evicts. Where it does not, compiling them would delay the first token. */
    private static final String[] EVICTION_LOOPS = {
        "dev/quipu/runtime/model/AttentionOutput",
        "dev/quipu/kvcache/RememberedQueries",
        "dev/quipu/kvcache/AttentionNotes",
        "dev/quipu/kvcache/eviction/*",
        "dev/quipu/kvcache/Compaction",
        "dev/quipu/kvcache/Evictor",
        "dev/quipu/kvcache/ForeseenAttention",
        "dev/quipu/kvcache/ForeseenErrors",
        "dev/quipu/kvcache/KeyDirections",
        "dev/quipu/kvcache/KvCells",
        "dev/quipu/kvcache/KvHeads",
        "dev/quipu/kvcache/KvPage",
        "dev/quipu/kvcache/KvSlab",
        "dev/quipu/kvcache/KvSlabs",
        "dev/quipu/kvcache/KvStore",
        "dev/quipu/kvcache/Observer",
        "dev/quipu/kvcache/OutputDistances",
        "dev/quipu/kvcache/PageOrder",
        "dev/quipu/kvcache/PanelAttention",
        "dev/quipu/kvcache/QueryForecast",
        "dev/quipu/kvcache/ValueNorms",
        "dev/quipu/kvcache/WindowObserver"
    };

    /** The share of the usual calls after which a kernel is compiled. */
    private static final String SCALE = "0.001";

    /** From so many on, the JVM compiles with several threads by itself. */
    private static final int FEW_PROCESSORS = 4;

    private QuickStart() {}

    static List<String> options(String[] arguments, Map<String, String> environment) {
        List<String> options = new ArrayList<>();
        options.add(WARM_UP);
        options.add(NO_CONVERTERS);
        options.add("-XX:+UseSerialGC");
        for (String methods : KERNELS) {
            options.add(compiledAfter(SCALE, methods));
        }
        if (evicts(arguments, environment)) {
            for (String type : EVICTION_LOOPS) {
                options.add(compiledAfter(SCALE, type + ".*"));
            }
            options.add(compiledAfter("1.0", "dev/quipu/kvcache/eviction/Kv*.*")); // settings
        }
        // Loops count as before in spite of the scale: a loop compiled on its own is compiled a second time with its method.
        options.add("-XX:Tier4BackEdgeThreshold=4000000");
        // What C1 makes of vector code is as slow as interpreted, and takes the cores from C2.
        options.add("-XX:-TieredCompilation");
        // The limit that the JVM has with C1: what takes and returns vectors is often compiled before its callers are, and
        // where these do not inline it, vectors are boxed.
        options.add("-XX:InlineSmallCode=2500");
        if (Runtime.getRuntime().availableProcessors() < FEW_PROCESSORS) {
            // The JVM's own choice is one; while kernels are compiled, nothing else needs the second core.
            options.add("-XX:CICompilerCount=2");
        }
        return options;
    }

    /** Whether anything is said about the cache's budget. */
    private static boolean evicts(String[] arguments, Map<String, String> environment) {
        return anyStarts(Arrays.asList(arguments), "--kv-") || anyStarts(environment.keySet(), "QUIPU_KV_");
    }

    /** A loop, since a first stream takes longer than all else here. */
    private static boolean anyStarts(Collection<String> texts, String beginning) {
        for (String text : texts) {
            if (text.startsWith(beginning)) {
                return true;
            }
        }
        return false;
    }

    private static String compiledAfter(String scale, String methods) {
        return "-XX:CompileCommand=CompileThresholdScaling," + methods + "," + scale;
    }
}
