package dev.quipu.runtime.step;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The steps at any vector width; lanes are channels of one token, or tokens of a panel. A template of {@link SimdWidth}. */
final class VectorSteps implements Steps {
    private static final VectorSpecies<Float> F =
            SimdWidth.of(MethodHandles.lookup()).floats();
    private static final VectorSpecies<Integer> I =
            SimdWidth.of(MethodHandles.lookup()).ints();
    private static final int LANES = F.length();
    private static final int BYTES = LANES * Float.BYTES;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    /** Beyond these, exp(x) over- or underflows a float's normal range. */
    private static final float EXP_MIN = -87f;

    private static final float EXP_MAX = 88f;
    /** Adding and subtracting 1.5 * 2^23 rounds to the nearest integer. */
    private static final float ROUND = 12582912f;

    private static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts, so that x - n ln 2 loses nothing. */
    private static final float LN2_HIGH = 0.693359375f;

    private static final float LN2_LOW = -2.12194440e-4f;

    private final ScalarSteps scalar = new ScalarSteps();

    VectorSteps() {}

    @Override
    public void rmsNorm(MemorySegment x, float[] weight, float epsilon, MemorySegment y) {
        int whole = F.loopBound(weight.length);
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(F, x, (long) i * Float.BYTES, LE);
            sum = v.fma(v, sum);
        }
        double squares = sum.reduceLanes(VectorOperators.ADD);
        for (int i = whole; i < weight.length; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, i);
            squares += (double) value * value;
        }
        scale(x, weight, (float) (1 / Math.sqrt(squares / weight.length + epsilon)), y);
    }

    private static void scale(MemorySegment x, float[] weight, float scale, MemorySegment y) {
        int whole = F.loopBound(weight.length);
        FloatVector factor = FloatVector.broadcast(F, scale);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(F, x, (long) i * Float.BYTES, LE);
            v.mul(factor).mul(FloatVector.fromArray(F, weight, i)).intoMemorySegment(y, (long) i * Float.BYTES, LE);
        }
        for (int i = whole; i < weight.length; i++) {
            y.setAtIndex(JAVA_FLOAT, i, x.getAtIndex(JAVA_FLOAT, i) * scale * weight[i]);
        }
    }

    @Override
    public void rmsNormPanel(MemorySegment x, int panel, float[] weight, float epsilon, MemorySegment y) {
        long base = (long) panel * weight.length * PANEL * Float.BYTES;
        for (int lane = 0; lane < PANEL; lane += LANES) {
            normLanes(x, base + (long) lane * Float.BYTES, weight, epsilon, y);
        }
    }

    /** One vector's worth of tokens. */
    private static void normLanes(MemorySegment x, long base, float[] weight, float epsilon, MemorySegment y) {
        FloatVector even = FloatVector.zero(F);
        FloatVector odd = FloatVector.zero(F);
        long at = base;
        int pairs = weight.length / 2;
        for (int i = 0; i < pairs; i++, at += 2L * PANEL * Float.BYTES) {
            FloatVector a = FloatVector.fromMemorySegment(F, x, at, LE);
            FloatVector b = FloatVector.fromMemorySegment(F, x, at + (long) PANEL * Float.BYTES, LE);
            even = a.fma(a, even);
            odd = b.fma(b, odd);
        }
        if (weight.length % 2 == 1) {
            FloatVector a = FloatVector.fromMemorySegment(F, x, at, LE);
            even = a.fma(a, even);
        }
        FloatVector mean = even.add(odd).div((float) weight.length).add(epsilon);
        FloatVector factor = FloatVector.broadcast(F, 1f).div(mean.sqrt());
        at = base;
        for (int i = 0; i < weight.length; i++, at += (long) PANEL * Float.BYTES) {
            FloatVector.fromMemorySegment(F, x, at, LE)
                    .mul(factor)
                    .mul(FloatVector.broadcast(F, weight[i]))
                    .intoMemorySegment(y, at, LE);
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
            int headLength,
            MemorySegment cos,
            MemorySegment sin,
            int rotated,
            boolean halves) {
        long row = (long) PANEL * Float.BYTES;
        int pairs = rotated / 2;
        long angles = (long) panel * pairs * row;
        for (int head = 0; head < heads; head++) {
            long base = ((long) panel * heads + head) * headLength * row;
            for (int i = 0; i < pairs; i++) {
                long at = base + (halves ? i : 2L * i) * row;
                long bt = base + (halves ? i + pairs : 2L * i + 1) * row;
                turn(x, at, bt, cos, sin, angles + i * row);
            }
        }
    }

    private static void turn(MemorySegment x, long at, long bt, MemorySegment cos, MemorySegment sin, long angle) {
        for (long lane = 0; lane < (long) PANEL * Float.BYTES; lane += BYTES) {
            FloatVector c = FloatVector.fromMemorySegment(F, cos, angle + lane, LE);
            FloatVector s = FloatVector.fromMemorySegment(F, sin, angle + lane, LE);
            FloatVector a = FloatVector.fromMemorySegment(F, x, at + lane, LE);
            FloatVector b = FloatVector.fromMemorySegment(F, x, bt + lane, LE);
            a.mul(c).sub(b.mul(s)).intoMemorySegment(x, at + lane, LE);
            a.mul(s).add(b.mul(c)).intoMemorySegment(x, bt + lane, LE);
        }
    }

    @Override
    public void swiGlu(MemorySegment gate, MemorySegment up, long from, long to) {
        long whole = from + (to - from) / LANES * LANES;
        for (long i = from; i < whole; i += LANES) {
            FloatVector g = FloatVector.fromMemorySegment(F, gate, i * Float.BYTES, LE);
            FloatVector u = FloatVector.fromMemorySegment(F, up, i * Float.BYTES, LE);
            g.div(exp(g.neg()).add(1f)).mul(u).intoMemorySegment(gate, i * Float.BYTES, LE);
        }
        scalar.swiGlu(gate, up, whole, to);
    }

    /**
     * exp(x) = 2^n exp(r), r = x - n ln 2 in [-ln 2 / 2, ln 2 / 2], by a polynomial of degree 6 (the minimax coefficients of
     * Cephes' expf); relative error about 1e-7.
     */
    private static FloatVector exp(FloatVector x) {
        FloatVector v = x.max(EXP_MIN).min(EXP_MAX);
        FloatVector n = v.mul(LOG2_E).add(ROUND).sub(ROUND);
        FloatVector r = n.mul(-LN2_HIGH).add(v);
        r = n.mul(-LN2_LOW).add(r);
        FloatVector p = FloatVector.broadcast(F, 1.9875691500e-4f);
        p = p.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
        p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
        p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
        p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
        p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1f);
        IntVector exponent = (IntVector) n.convertShape(VectorOperators.F2I, I, 0);
        FloatVector power = exponent.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        return p.mul(power);
    }

    @Override
    public void add(MemorySegment x, MemorySegment y, long from, long to) {
        long whole = from + (to - from) / LANES * LANES;
        for (long i = from; i < whole; i += LANES) {
            FloatVector.fromMemorySegment(F, x, i * Float.BYTES, LE)
                    .add(FloatVector.fromMemorySegment(F, y, i * Float.BYTES, LE))
                    .intoMemorySegment(x, i * Float.BYTES, LE);
        }
        scalar.add(x, y, whole, to);
    }
}
