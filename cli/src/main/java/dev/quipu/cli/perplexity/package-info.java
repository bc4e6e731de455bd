/** Perplexity and Kullback-Leibler divergence as llama-perplexity measures, prints and stores them. */
@NullMarked
package dev.quipu.cli.perplexity;

import org.jspecify.annotations.NullMarked;
