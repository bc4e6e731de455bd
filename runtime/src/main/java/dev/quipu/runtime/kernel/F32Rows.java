package dev.quipu.runtime.kernel;

import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.LE;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** F32 times floats, any width. */
final class F32Rows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final int LANES = F.length();

    private static final IntVector SWAP_8 = Lanes.swap(I, 8);
    private static final IntVector SWAP_4 = Lanes.swap(I, 4);
    private static final IntVector SWAP_2 = Lanes.swap(I, 2);
    private static final IntVector SWAP_1 = Lanes.swap(I, 1);

    @Override
    public ActivationFormat format() {
        return FloatActivations.PLAIN;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(
            MemorySegment w,
            long offset,
            long far,
            long rowBytes,
            int count,
            MemorySegment x,
            int columns,
            MemorySegment y,
            long yOffset,
            long yFar) {
        for (int r = 0; r < count; r++) {
            long row = offset + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            int i = 0;
            for (; i + 2 * LANES <= columns; i += 2 * LANES) {
                long p = row + 4L * i;
                a = FloatVector.fromMemorySegment(F, w, p, LE).fma(FloatVector.fromMemorySegment(F, x, 4L * i, LE), a);
                b = FloatVector.fromMemorySegment(F, w, p + 4 * LANES, LE)
                        .fma(FloatVector.fromMemorySegment(F, x, 4L * i + 4 * LANES, LE), b);
            }
            for (; i + LANES <= columns; i += LANES) {
                a = FloatVector.fromMemorySegment(F, w, row + 4L * i, LE)
                        .fma(FloatVector.fromMemorySegment(F, x, 4L * i, LE), a);
            }
            a = a.add(b);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            if (LANES == 16) {
                a = a.add(SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            }
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            float sum = a.lane(0);
            for (; i < columns; i++) {
                sum = Math.fma(w.get(FLOAT, row + 4L * i), x.get(FLOAT, 4L * i), sum);
            }
            y.set(FLOAT, yOffset + 4L * r, sum);
        }
    }
}
