/** What is read while eviction is measured: documents, and texts with questions. */
@NullMarked
package dev.quipu.bench.eviction.data;

import org.jspecify.annotations.NullMarked;
