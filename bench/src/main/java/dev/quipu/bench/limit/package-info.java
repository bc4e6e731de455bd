/** What the machine can do at most: bytes read and multiply-adds per second. */
@NullMarked
package dev.quipu.bench.limit;

import org.jspecify.annotations.NullMarked;
