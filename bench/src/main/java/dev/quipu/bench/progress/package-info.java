/** What a person is told while something runs. */
@NullMarked
package dev.quipu.bench.progress;

import org.jspecify.annotations.NullMarked;
