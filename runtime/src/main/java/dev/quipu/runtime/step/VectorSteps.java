package dev.quipu.runtime.step;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.quipu.kvcache.simd.LaneSwap;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** The steps at any vector width; lanes are channels of one token, or tokens of a panel. A template of {@link SimdWidth}. */
final class VectorSteps implements Steps {
    private static final VectorSpecies<Float> F =
            SimdWidth.of(MethodHandles.lookup()).floats();
    private static final VectorSpecies<Integer> I =
            SimdWidth.of(MethodHandles.lookup()).ints();
    private static final int LANES = F.length();
    private static final int BYTES = LANES * Float.BYTES;
    /** A channel of a panel. */
    private static final long ROW = (long) PANEL * Float.BYTES;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);
    private static final IntVector SWAP_8 = LaneSwap.of(I, 8);
    private static final IntVector SWAP_4 = LaneSwap.of(I, 4);
    private static final IntVector SWAP_2 = LaneSwap.of(I, 2);
    private static final IntVector SWAP_1 = LaneSwap.of(I, 1);

    /*
     * Constants as vectors: a scalar operand is broadcast by methods that C2 must inline at each use, and steps are inlined in
     * methods that inline much else.
     */
    private static final FloatVector ONE = FloatVector.broadcast(F, 1f);
    /** Beyond these, exp(x) over- or underflows a float's normal range. */
    private static final FloatVector EXP_MIN = FloatVector.broadcast(F, -87f);

    private static final FloatVector EXP_MAX = FloatVector.broadcast(F, 88f);
    private static final FloatVector LOG2_E = FloatVector.broadcast(F, 1.44269504f);
    /** Adding 1.5 * 2^23 rounds to the nearest integer, which then stands in the low bits. */
    private static final FloatVector ROUND = FloatVector.broadcast(F, 12582912f);
    /** ln 2 in two parts, so that x - n ln 2 loses nothing; negative. */
    private static final FloatVector LN2_HIGH = FloatVector.broadcast(F, -0.693359375f);

    private static final FloatVector LN2_LOW = FloatVector.broadcast(F, 2.12194440e-4f);
    private static final FloatVector C2 = FloatVector.broadcast(F, 5.0000001201e-1f);
    private static final FloatVector C3 = FloatVector.broadcast(F, 1.6666665459e-1f);
    private static final FloatVector C4 = FloatVector.broadcast(F, 4.1665795894e-2f);
    private static final FloatVector C5 = FloatVector.broadcast(F, 8.3334519073e-3f);
    private static final FloatVector C6 = FloatVector.broadcast(F, 1.3981999507e-3f);
    private static final FloatVector C7 = FloatVector.broadcast(F, 1.9875691500e-4f);

    private final ScalarSteps scalar = new ScalarSteps();

    VectorSteps() {}

    @Override
    public void rmsNorm(MemorySegment x, float[] weight, float epsilon, MemorySegment y) {
        double squares = squares(x.address(), weight.length);
        scale(x.address(), weight, (float) (1 / Math.sqrt(squares / weight.length + epsilon)), y.address());
    }

    /** Sum of the squares of floats, in an order that depends on the width alone: reduceLanes has none. */
    private static double squares(long x, int count) {
        int whole = F.loopBound(count);
        FloatVector all = FloatVector.zero(F);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(F, ALL, x + 4L * i, LE);
            all = v.fma(v, all);
        }
        FloatVector sum = FloatVector.zero(F).add(all);
        if (LANES == 16) {
            sum = sum.add(SWAP_8.selectFrom(sum.reinterpretAsInts()).reinterpretAsFloats());
        }
        if (LANES >= 8) {
            sum = sum.add(SWAP_4.selectFrom(sum.reinterpretAsInts()).reinterpretAsFloats());
        }
        sum = sum.add(SWAP_2.selectFrom(sum.reinterpretAsInts()).reinterpretAsFloats());
        sum = sum.add(SWAP_1.selectFrom(sum.reinterpretAsInts()).reinterpretAsFloats());
        double squares = sum.lane(0);
        for (int i = whole; i < count; i++) {
            float value = ALL.get(FLOAT, x + 4L * i);
            squares += (double) value * value;
        }
        return squares;
    }

    private static void scale(long x, float[] weight, float scale, long y) {
        int whole = F.loopBound(weight.length);
        FloatVector factor = FloatVector.broadcast(F, scale);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector.fromMemorySegment(F, ALL, x + 4L * i, LE)
                    .mul(factor)
                    .mul(FloatVector.fromArray(F, weight, i))
                    .intoMemorySegment(ALL, y + 4L * i, LE);
        }
        for (int i = whole; i < weight.length; i++) {
            ALL.set(FLOAT, y + 4L * i, ALL.get(FLOAT, x + 4L * i) * scale * weight[i]);
        }
    }

    @Override
    public void rmsNormPanel(
            MemorySegment x, int panel, int from, int to, float[] weight, float epsilon, MemorySegment y) {
        long base = panel * weight.length * ROW;
        for (long lane = 4L * from; lane < 4L * to; lane += BYTES) {
            normLanes(x.address() + base + lane, weight, epsilon, y.address() + base + lane);
        }
    }

    /** One vector's worth of tokens. */
    private static void normLanes(long x, float[] weight, float epsilon, long y) {
        FloatVector even = FloatVector.zero(F);
        FloatVector odd = FloatVector.zero(F);
        int pairs = weight.length / 2;
        for (int i = 0; i < pairs; i++) {
            FloatVector a = FloatVector.fromMemorySegment(F, ALL, x + 2 * i * ROW, LE);
            FloatVector b = FloatVector.fromMemorySegment(F, ALL, x + (2 * i + 1) * ROW, LE);
            even = a.fma(a, even);
            odd = b.fma(b, odd);
        }
        if (weight.length % 2 == 1) {
            FloatVector a = FloatVector.fromMemorySegment(F, ALL, x + (weight.length - 1) * ROW, LE);
            even = a.fma(a, even);
        }
        FloatVector mean =
                FloatVector.zero(F).add(even).add(odd).div(weight.length).add(epsilon);
        FloatVector factor = ONE.div(mean.sqrt());
        for (int i = 0; i < weight.length; i++) {
            FloatVector.fromMemorySegment(F, ALL, x + i * ROW, LE)
                    .mul(factor)
                    .mul(FloatVector.broadcast(F, weight[i]))
                    .intoMemorySegment(ALL, y + i * ROW, LE);
        }
    }

    /** A thousand pairs at most: the scalar form costs a microsecond. */
    @Override
    public void rope(
            MemorySegment x,
            int heads,
            int headLength,
            MemorySegment cos,
            MemorySegment sin,
            int rotated,
            boolean halves) {
        scalar.rope(x, heads, headLength, cos, sin, rotated, halves);
    }

    @Override
    public void ropePanel(
            MemorySegment x,
            int panel,
            int heads,
            int from,
            int to,
            int headLength,
            MemorySegment cos,
            MemorySegment sin,
            int rotated,
            boolean halves) {
        int pairs = rotated / 2;
        long angles = panel * pairs * ROW;
        for (int head = from; head < to; head++) {
            long base = x.address() + (panel * heads + head) * headLength * ROW;
            for (int i = 0; i < pairs; i++) {
                long a = base + (halves ? i : 2 * i) * ROW;
                long b = base + (halves ? i + pairs : 2 * i + 1) * ROW;
                turn(a, b, cos.address() + angles + i * ROW, sin.address() + angles + i * ROW);
            }
        }
    }

    private static void turn(long first, long second, long cos, long sin) {
        for (long lane = 0; lane < ROW; lane += BYTES) {
            FloatVector c = FloatVector.fromMemorySegment(F, ALL, cos + lane, LE);
            FloatVector s = FloatVector.fromMemorySegment(F, ALL, sin + lane, LE);
            FloatVector a = FloatVector.fromMemorySegment(F, ALL, first + lane, LE);
            FloatVector b = FloatVector.fromMemorySegment(F, ALL, second + lane, LE);
            a.mul(c).sub(b.mul(s)).intoMemorySegment(ALL, first + lane, LE);
            a.mul(s).add(b.mul(c)).intoMemorySegment(ALL, second + lane, LE);
        }
    }

    @Override
    public void swiGlu(MemorySegment gate, MemorySegment up, long from, long to) {
        long whole = from + (to - from) / LANES * LANES;
        swiGlu(gate.address() + 4 * from, up.address() + 4 * from, whole - from);
        scalar.swiGlu(gate, up, whole, to);
    }

    private static void swiGlu(long gate, long up, long count) {
        for (long i = 0; i < 4 * count; i += BYTES) {
            FloatVector g = FloatVector.fromMemorySegment(F, ALL, gate + i, LE);
            FloatVector u = FloatVector.fromMemorySegment(F, ALL, up + i, LE);
            g.div(exp(FloatVector.zero(F).sub(g)).add(ONE)).mul(u).intoMemorySegment(ALL, gate + i, LE);
        }
    }

    /**
     * exp(x) = 2^n exp(r), r = x - n ln 2 in [-ln 2 / 2, ln 2 / 2], by a polynomial of degree 6 (the minimax coefficients of
     * Cephes' expf); relative error about 1e-7.
     */
    private static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.max(EXP_MIN).min(EXP_MAX);
        FloatVector shifted = clamped.fma(LOG2_E, ROUND);
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(LN2_LOW, n.fma(LN2_HIGH, clamped));
        FloatVector p = C7.fma(r, C6);
        p = p.fma(r, C5);
        p = p.fma(r, C4);
        p = p.fma(r, C3);
        p = p.fma(r, C2);
        p = p.fma(r.mul(r), r).add(ONE);
        return shifted.reinterpretAsInts()
                .lanewise(LSHL, 23)
                .add(p.reinterpretAsInts())
                .reinterpretAsFloats();
    }

    @Override
    public void add(MemorySegment x, MemorySegment y, long from, long to) {
        long whole = from + (to - from) / LANES * LANES;
        add(x.address() + 4 * from, y.address() + 4 * from, whole - from);
        scalar.add(x, y, whole, to);
    }

    private static void add(long x, long y, long count) {
        for (long i = 0; i < 4 * count; i += BYTES) {
            FloatVector.fromMemorySegment(F, ALL, x + i, LE)
                    .add(FloatVector.fromMemorySegment(F, ALL, y + i, LE))
                    .intoMemorySegment(ALL, x + i, LE);
        }
    }
}
