/** Results as rows of named fields, printed in llama-bench's formats. */
@NullMarked
package dev.quipu.bench.table;

import org.jspecify.annotations.NullMarked;
