/** The worker team: one per engine, closed with it. */
@NullMarked
package dev.quipu.runtime.parallel;

import org.jspecify.annotations.NullMarked;
