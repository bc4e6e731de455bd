package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static dev.quipu.runtime.kernel.Lanes.FLOAT;
import static dev.quipu.runtime.kernel.Lanes.INT;
import static dev.quipu.runtime.kernel.Lanes.LE;
import static dev.quipu.runtime.kernel.Lanes.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import dev.quipu.gguf.GgmlType;
import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * IQ4_NL and IQ4_XS times 8-bit integers, MXFP4 times 10-bit ones, 256 bits: w = d value[n]. {@link BookRows} has the layouts,
 * {@link PairActivations} how products are added. Values are looked up with 128 more than they are, so that bytes become
 * shorts without signs.
 *
 * <p>A template of {@link SimdWidth}: the type is a constant.
 */
final class BookAvx2 implements RowProduct {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    private static final VectorSpecies<Long> L = LongVector.SPECIES_128;

    private static final GgmlType TYPE = SimdWidth.constant(MethodHandles.lookup(), 0, GgmlType.class);
    private static final boolean SUPER = TYPE == GgmlType.IQ4_XS;
    private static final boolean MXFP4 = TYPE == GgmlType.MXFP4;
    private static final int HEAD = SUPER ? 8 : MXFP4 ? 1 : 2;

    /** Blocks that a head is for, and bytes of them with it. */
    private static final int SHARE = SUPER ? 8 : 1;

    private static final long BYTES = HEAD + 16L * SHARE;
    private static final ByteVector VALUES = (MXFP4 ? CodeBooks.MXFP4 : CodeBooks.IQ4_NL).add((byte) 128);

    private static final IntVector FIRST = IntVector.zero(I);

    /** The scale of the next block becomes the first one. */
    private static final IntVector NEXT = IntVector.fromArray(I, new int[] {1, 2, 3, 4, 5, 6, 7, 0}, 0);

    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    @Override
    public ActivationFormat format() {
        return MXFP4 ? PairActivations.NIBBLES : PairActivations.BYTES;
    }

    @Override
    public boolean paired() {
        return false;
    }

    @Override
    public void rows(long w, long far, long rowBytes, int count, long x, int columns, long y, long yFar) {
        long scales = x + PairActivations.scales(columns);
        ByteVector values = VALUES;
        ByteVector nibble = ByteVector.broadcast(B, (byte) 15);
        IntVector bias = IntVector.broadcast(I, 0x00800080);
        for (int r = 0; r < count; r++) {
            long row = w + r * rowBytes;
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int v = 0; v < columns / 32; v += SHARE) {
                long p = row + BYTES * (v / SHARE);
                float d = MXFP4 ? Mxfp4.scale(ALL.get(JAVA_BYTE, p)) : Float.float16ToFloat(ALL.get(SHORT, p));
                FloatVector s;
                if (SUPER) {
                    // Eight scales, a byte each.
                    long k = Long.expand(ALL.get(INT, p + 4), 0x0f0f0f0f0f0f0f0fL)
                            | Long.expand(ALL.get(SHORT, p + 2), 0x3030303030303030L);
                    s = ((FloatVector) LongVector.broadcast(L, k)
                                    .reinterpretAsBytes()
                                    .convertShape(B2F, F, 0))
                            .sub(32f)
                            .mul(FloatVector.fromMemorySegment(F, ALL, scales + 4L * v, LE))
                            .mul(d);
                } else {
                    // Of MXFP4 the product with an activation scale may be too small a number.
                    s = FloatVector.broadcast(F, MXFP4 ? d : d * ALL.get(FLOAT, scales + 4L * v));
                }
                for (int i = 0; i < SHARE; i++) {
                    long at = x + 64L * (v + i);
                    ByteVector q = ByteVector.fromMemorySegment(B, ALL, p + HEAD + 16 * i, LE);
                    IntVector low = ((ShortVector)
                                    q.and(nibble).selectFrom(values).convertShape(ZERO_EXTEND_B2S, S, 0))
                            .reinterpretAsInts()
                            .sub(bias);
                    IntVector high = ((ShortVector) q.reinterpretAsInts()
                                    .lanewise(LSHR, 4)
                                    .reinterpretAsBytes()
                                    .and(nibble)
                                    .selectFrom(values)
                                    .convertShape(ZERO_EXTEND_B2S, S, 0))
                            .reinterpretAsInts()
                            .sub(bias);
                    FloatVector f =
                            SUPER ? FIRST.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats() : s;
                    IntVector t = low.mul(IntVector.fromMemorySegment(I, ALL, at, LE));
                    IntVector u = high.mul(IntVector.fromMemorySegment(I, ALL, at + 32, LE));
                    if (MXFP4) {
                        a = ((FloatVector) t.add(u).convertShape(I2F, F, 0))
                                .mul(FloatVector.broadcast(F, ALL.get(FLOAT, scales + 4L * v)))
                                .fma(f, a);
                    } else {
                        a = ((FloatVector) t.convertShape(I2F, F, 0)).fma(f, a);
                        b = ((FloatVector) u.convertShape(I2F, F, 0)).fma(f, b);
                    }
                    s = NEXT.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats();
                }
            }
            a = a.add(b);
            // A fixed order of addition, whoever compiled it: reduceLanes has none.
            a = a.add(SWAP_4.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_2.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            a = a.add(SWAP_1.selectFrom(a.reinterpretAsInts()).reinterpretAsFloats());
            ALL.set(FLOAT, y + 4L * r, a.lane(0));
        }
    }
}
