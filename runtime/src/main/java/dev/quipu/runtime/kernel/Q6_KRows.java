package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.EXPONENT;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static dev.quipu.runtime.kernel.Lanes.TWO_23;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Q6_K times floats, any width: w = d scale (n - 32). {@link Q6_KAvx512} has the layout. */
final class Q6_KRows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
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
        IntVector nibble = IntVector.broadcast(I, 15);
        IntVector upper = IntVector.broadcast(I, 0x30);
        IntVector exponent = IntVector.broadcast(I, EXPONENT);
        FloatVector bias = FloatVector.broadcast(F, TWO_23 + 32);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            // LANES bytes of upper bits at a time, which belong to four columns each.
            for (int i = 0; i < columns / 4; i += LANES) {
                long block = row + 210L * (i / 64);
                int half = i / 32 & 1;
                int in = i & 31;
                long p = block + 64 * half + in;
                long k = block + 192 + 8 * half + in / 16;
                long at = 512L * (i / 32) + 4 * in;
                float d = Float.float16ToFloat(ALL.get(SHORT, block + 208));
                IntVector q0 =
                        ((IntVector) ByteVector.fromMemorySegment(B, ALL, p, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                IntVector q1 = ((IntVector)
                        ByteVector.fromMemorySegment(B, ALL, p + 32, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                IntVector h = ((IntVector) ByteVector.fromMemorySegment(B, ALL, block + 128 + 32 * half + in, LE)
                        .convertShape(ZERO_EXTEND_B2I, I, 0));
                a = q0.and(nibble)
                        .or(h.lanewise(LSHL, 4).and(upper))
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at, LE))
                        .fma(FloatVector.broadcast(F, d * ALL.get(JAVA_BYTE, k)), a);
                b = q1.and(nibble)
                        .or(h.lanewise(LSHL, 2).and(upper))
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 128, LE))
                        .fma(FloatVector.broadcast(F, d * ALL.get(JAVA_BYTE, k + 2)), b);
                a = q0.lanewise(LSHR, 4)
                        .or(h.and(upper))
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 256, LE))
                        .fma(FloatVector.broadcast(F, d * ALL.get(JAVA_BYTE, k + 4)), a);
                b = q1.lanewise(LSHR, 4)
                        .or(h.lanewise(LSHR, 2).and(upper))
                        .or(exponent)
                        .reinterpretAsFloats()
                        .sub(bias)
                        .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 384, LE))
                        .fma(FloatVector.broadcast(F, d * ALL.get(JAVA_BYTE, k + 6)), b);
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
