package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.EXPONENT;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static dev.quipu.runtime.kernel.Lanes.TWO_23;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Q4_0 and Q4_1 times floats, any width: w = d (n - 8), w = d n + m. A block has 18 or 20 bytes: d, of Q4_1 also m (half precision),
 * 16 of a nibble each for column i and i + 16.
 */
final class NibbleRows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    private static final boolean MINIMUM =
            SimdWidth.constant(MethodHandles.lookup(), 0, GgmlType.class) == GgmlType.Q4_1;
    private static final int HEAD = MINIMUM ? 4 : 2;

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
        int blocks = columns / 32;
        IntVector nibble = IntVector.broadcast(I, 15);
        IntVector exponent = IntVector.broadcast(I, EXPONENT);
        FloatVector bias = FloatVector.broadcast(F, MINIMUM ? TWO_23 : TWO_23 + 8);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < blocks; v++) {
                long p = row + (HEAD + 16L) * v;
                long at = 128L * v;
                IntVector q = ((IntVector)
                        ByteVector.fromMemorySegment(B, ALL, p + HEAD, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                FloatVector x0 = FloatVector.fromMemorySegment(F, ALL, x + at, LE);
                FloatVector x1 = FloatVector.fromMemorySegment(F, ALL, x + at + 64, LE);
                FloatVector s = q.and(nibble)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(x0);
                FloatVector t = q.lanewise(LSHR, 4)
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(x1);
                FloatVector u = x0.add(x1);
                if (LANES == 8) {
                    q = ((IntVector) ByteVector.fromMemorySegment(B, ALL, p + HEAD + 8, LE)
                            .convertShape(ZERO_EXTEND_B2I, I, 0));
                    x0 = FloatVector.fromMemorySegment(F, ALL, x + at + 32, LE);
                    x1 = FloatVector.fromMemorySegment(F, ALL, x + at + 96, LE);
                    s = q.and(nibble)
                            .or(exponent)
                            .reinterpretAsFloats()
                            .sub(bias)
                            .fma(x0, s);
                    t = q.lanewise(LSHR, 4)
                            .or(exponent)
                            .reinterpretAsFloats()
                            .sub(bias)
                            .fma(x1, t);
                    u = x0.add(x1).add(u);
                }
                FloatVector d = FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p)));
                a = s.fma(d, a);
                b = t.fma(d, b);
                if (MINIMUM) {
                    a = u.fma(FloatVector.broadcast(F, Float.float16ToFloat(ALL.get(SHORT, p + 2))), a);
                }
            }
            a = a.add(b);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            if (LANES == 16) {
                a = a.add(SWAP_8.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            }
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
