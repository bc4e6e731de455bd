package dev.quipu.bench.throughput;

/**
 * What is timed.
 *
 * @param prompt tokens of the prompt, computed in batches
 * @param generated tokens computed one by one after it
 * @param depth tokens in the cache before the time starts
 */
record Workload(int prompt, int generated, int depth) {
    int tokens() {
        return prompt + generated;
    }

    /** llama-bench's name: {@code pp512}, {@code tg128}, {@code pp512+tg128}, {@code pp512 @ d4096}. */
    String label() {
        String tokens =
                generated == 0 ? "pp" + prompt : prompt == 0 ? "tg" + generated : "pp" + prompt + "+tg" + generated;
        return depth == 0 ? tokens : tokens + " @ d" + depth;
    }
}
