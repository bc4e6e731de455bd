/**
 * How good eviction is: output perturbation, language, retrieval, bytes and speed, for many policies over the same prompts.
 * Measurements are kept one by one ({@code result}), turned into numbers with intervals ({@code statistics}, {@code report})
 * and drawn ({@code plot}).
 */
@NullMarked
package dev.quipu.bench.eviction;

import org.jspecify.annotations.NullMarked;
