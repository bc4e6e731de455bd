package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.LONG;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * IQ3_S times floats, any width: w = d (1 + 2 scale) sign grid[index]. A super-block has 110 bytes: d (half precision), 64 low bytes of
 * indices, 64 high bits, 256 signs, eight scales of four bits. An index stands for four columns.
 *
 * <p>The points are fetched one by one, for a whole super-block, before vectors meet them.
 */
final class IQ3_SRows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    private static final IntVector SWAP_8 = LaneSwap.of(I, 8);
    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    private static final int[] GRID = CodeBooks.iq3s();
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, LE);

    /** Brings bit i to the place of a sign, in lane i. */
    private static final IntVector TO_SIGN = Lanes.iota(I).neg().add(31);

    private final ThreadLocal<byte[]> points = ThreadLocal.withInitial(() -> new byte[256]);

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
        byte[] points = this.points.get();
        IntVector toSign = TO_SIGN;
        IntVector sign = IntVector.broadcast(I, 1 << 31);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            for (int v = 0; v < columns / 256; v++) {
                long p = row + 110L * v;
                for (int i = 0; i < 8; i++) {
                    long low = ALL.get(LONG, p + 2 + 8 * i);
                    int high = ALL.get(JAVA_BYTE, p + 66 + i) << 8;
                    for (int k = 0; k < 8; k++) {
                        INTS.set(points, 32 * i + 4 * k, GRID[(int) (low >>> 8 * k) & 255 | high >>> k & 256]);
                    }
                }
                float factor = Float.float16ToFloat(ALL.get(SHORT, p));
                int scales = ALL.get(INT, p + 106);
                for (int i = 0; i < 256; i += LANES) {
                    int g = i / 32;
                    IntVector s = IntVector.broadcast(I, ALL.get(INT, p + 74 + 4 * g) >>> (i & 31))
                            .lanewise(LSHL, toSign)
                            .and(sign);
                    FloatVector n =
                            (FloatVector) ByteVector.fromArray(B, points, i).convertShape(B2F, F, 0);
                    a = n.reinterpretAsInts()
                            .lanewise(XOR, s)
                            .reinterpretAsFloats()
                            .mul(FloatVector.fromMemorySegment(F, ALL, x + 1024L * v + 4 * i, LE))
                            .fma(FloatVector.broadcast(F, factor * (1 + 2 * (scales >>> 4 * g & 15))), a);
                }
            }
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
