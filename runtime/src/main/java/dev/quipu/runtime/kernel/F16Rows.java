package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.HALF_MASK;
import static dev.quipu.runtime.kernel.Lanes.HALF_SCALE;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** F16 times floats, any width. {@link Lanes#HALF_MASK} says how halves become floats. */
final class F16Rows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(WIDTH.bits() / 2));
    private static final int LANES = F.length();

    private static final IntVector SWAP_8 = LaneSwap.of(I, 8);
    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    @Override
    public ActivationFormat format() {
        return FloatActivations.PLAIN;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        IntVector halfMask = IntVector.broadcast(I, HALF_MASK);
        FloatVector halfScale = FloatVector.broadcast(F, HALF_SCALE);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            int i = 0;
            for (; i + 2 * LANES <= columns; i += 2 * LANES) {
                long p = row + 2L * i;
                a = ((IntVector) ShortVector.fromMemorySegment(S, ALL, p, LE).convertShape(ZERO_EXTEND_S2I, I, 0))
                        .lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .mul(halfScale)
                        .fma(FloatVector.fromMemorySegment(F, ALL, x + 4L * i, LE), a);
                b = ((IntVector) ShortVector.fromMemorySegment(S, ALL, p + 2 * LANES, LE)
                                .convertShape(ZERO_EXTEND_S2I, I, 0))
                        .lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .mul(halfScale)
                        .fma(FloatVector.fromMemorySegment(F, ALL, x + 4L * i + 4 * LANES, LE), b);
            }
            for (; i + LANES <= columns; i += LANES) {
                a = ((IntVector) ShortVector.fromMemorySegment(S, ALL, row + 2L * i, LE)
                                .convertShape(ZERO_EXTEND_S2I, I, 0))
                        .lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(halfMask)
                        .reinterpretAsFloats()
                        .mul(halfScale)
                        .fma(FloatVector.fromMemorySegment(F, ALL, x + 4L * i, LE), a);
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
                sum = Math.fma(Float.float16ToFloat(ALL.get(SHORT, row + 2L * i)), ALL.get(FLOAT, x + 4L * i), sum);
            }
            ALL.set(FLOAT, y + 4L * r, sum);
        }
    }
}
