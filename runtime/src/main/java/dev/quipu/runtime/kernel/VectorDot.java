package dev.quipu.runtime.kernel;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link Dot} at any width: four vectors of partial sums, which meet in a scalar loop of fixed order. */
final class VectorDot implements Dot {
    private static final VectorSpecies<Float> F =
            SimdWidth.of(MethodHandles.lookup()).floats();
    private static final int L = F.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);

    @Override
    public float dot(float[] w, MemorySegment x, long xOffset, int n) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i + 4 * L <= n; i += 4 * L) {
            long at = xOffset + 4L * i;
            a = FloatVector.fromArray(F, w, i).fma(FloatVector.fromMemorySegment(F, x, at, LE), a);
            b = FloatVector.fromArray(F, w, i + L).fma(FloatVector.fromMemorySegment(F, x, at + 4L * L, LE), b);
            c = FloatVector.fromArray(F, w, i + 2 * L).fma(FloatVector.fromMemorySegment(F, x, at + 8L * L, LE), c);
            d = FloatVector.fromArray(F, w, i + 3 * L).fma(FloatVector.fromMemorySegment(F, x, at + 12L * L, LE), d);
        }
        for (; i + L <= n; i += L) {
            a = FloatVector.fromArray(F, w, i).fma(FloatVector.fromMemorySegment(F, x, xOffset + 4L * i, LE), a);
        }
        float sum = 0;
        for (; i < n; i++) {
            sum = Math.fma(w[i], x.get(FLOAT, xOffset + 4L * i), sum);
        }
        // reduceLanes would add in an order that depends on who compiled it.
        a = a.add(b).add(c.add(d));
        a.intoArray(w, 0);
        for (int lane = 0; lane < L; lane++) {
            sum += w[lane];
        }
        return sum;
    }
}
