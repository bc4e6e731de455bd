package dev.quipu.bench.kernel;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What an operation did, which JMH reports per unit of time beside the operations themselves. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
    /** Bytes of weights, or of keys and values, that were read. */
    public long bytes;

    /** Multiply-adds that the result needs. */
    public long products;

    /** JMH counts from the beginning of each iteration. */
    @Setup(Level.Iteration)
    public void clear() {
        bytes = 0;
        products = 0;
    }
}
