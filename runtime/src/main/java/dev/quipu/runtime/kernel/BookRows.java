package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Avx512.B16;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.B2F;
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
 * IQ4_NL, MXFP4 and IQ4_XS times floats, any width: w = d value[n]. A block has 18 or 17 bytes: d (half precision; of MXFP4 the
 * exponent of {@link Mxfp4}), 16 of a nibble each for column i and i + 16. Of IQ4_XS eight blocks, d = D (scale - 32), share 8 bytes:
 * D (half precision), the upper two bits of their scales, the lower four; their nibbles follow.
 *
 * <p>512 bits look floats up; 256 bits, whose vectors are too short for that, signed bytes.
 */
final class BookRows implements RowProduct {
    private static final SimdWidth WIDTH = SimdWidth.of(MethodHandles.lookup());
    private static final VectorSpecies<Float> F = WIDTH.floats();
    private static final VectorSpecies<Integer> I = WIDTH.ints();
    private static final VectorSpecies<Byte> B = Unpacker.bytes(WIDTH);
    private static final int LANES = F.length();

    private static final GgmlType TYPE = SimdWidth.constant(MethodHandles.lookup(), 0, GgmlType.class);
    private static final boolean SUPER = TYPE == GgmlType.IQ4_XS;
    private static final boolean MXFP4 = TYPE == GgmlType.MXFP4;
    private static final int HEAD = SUPER ? 8 : MXFP4 ? 1 : 2;

    /** Blocks that a head is for, and bytes of them with it. */
    private static final int SHARE = SUPER ? 8 : 1;

    private static final long BYTES = HEAD + 16L * SHARE;
    private static final ByteVector VALUES = MXFP4 ? CodeBooks.MXFP4 : CodeBooks.IQ4_NL;

    private static final IntVector SWAP_8 = LaneSwap.of(I, 8);
    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    /** The values as floats, where a vector has 16. */
    private static final IntVector FLOATS = Lanes.floatBits(I, VALUES);

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
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < blocks; v++) {
                long head = row + BYTES * (v / SHARE);
                long p = head + HEAD + 16L * (v % SHARE);
                long at = 128L * v;
                FloatVector s;
                FloatVector t;
                if (LANES == 16) {
                    IntVector q = ((IntVector)
                            ByteVector.fromMemorySegment(B, ALL, p, LE).convertShape(ZERO_EXTEND_B2I, I, 0));
                    s = q.and(nibble)
                            .selectFrom(FLOATS)
                            .reinterpretAsFloats()
                            .mul(FloatVector.fromMemorySegment(F, ALL, x + at, LE));
                    t = q.lanewise(LSHR, 4)
                            .selectFrom(FLOATS)
                            .reinterpretAsFloats()
                            .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 64, LE));
                } else {
                    ByteVector q = ByteVector.fromMemorySegment(B16, ALL, p, LE);
                    ByteVector low = q.and((byte) 15).selectFrom(VALUES);
                    ByteVector high = q.reinterpretAsInts()
                            .lanewise(LSHR, 4)
                            .reinterpretAsBytes()
                            .and((byte) 15)
                            .selectFrom(VALUES);
                    s = ((FloatVector) low.convertShape(B2F, F, 0))
                            .mul(FloatVector.fromMemorySegment(F, ALL, x + at, LE));
                    t = ((FloatVector) low.convertShape(B2F, F, 1))
                            .mul(FloatVector.fromMemorySegment(F, ALL, x + at + 32, LE));
                    s = ((FloatVector) high.convertShape(B2F, F, 0))
                            .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 64, LE), s);
                    t = ((FloatVector) high.convertShape(B2F, F, 1))
                            .fma(FloatVector.fromMemorySegment(F, ALL, x + at + 96, LE), t);
                }
                float factor =
                        MXFP4 ? Mxfp4.scale(ALL.get(JAVA_BYTE, head)) : Float.float16ToFloat(ALL.get(SHORT, head));
                if (SUPER) {
                    int lower = ALL.get(INT, head + 4) >>> 4 * (v % 8) & 15;
                    int upper = ALL.get(SHORT, head + 2) >>> 2 * (v % 8) & 3;
                    factor *= (lower | upper << 4) - 32;
                }
                FloatVector d = FloatVector.broadcast(F, factor);
                a = s.fma(d, a);
                b = t.fma(d, b);
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
