package dev.quipu.runtime.matmul;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link PanelQuantizer} at any vector width; lanes are tokens. A template of {@link SimdWidth}. */
final class VectorPanelQuantizer implements PanelQuantizer {
    private static final VectorSpecies<Float> F =
            SimdWidth.of(MethodHandles.lookup()).floats();
    private static final VectorSpecies<Integer> I =
            SimdWidth.of(MethodHandles.lookup()).ints();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = F.length();
    private static final long ROW = Tile.PANEL_BYTES;
    private static final int BLOCK = QuantizedPanels.BLOCK;

    /** Added to a float below 2^22, it leaves the nearest integer in the low bits. */
    private static final float ROUNDER = 0x1.8p23f;

    /** Added to what {@link #ROUNDER} left, it gives the integer; and its class is known, that of reinterpreted floats is not. */
    private static final IntVector UNROUNDER = IntVector.broadcast(I, -Float.floatToRawIntBits(ROUNDER));

    @Override
    public void quantize(
            MemorySegment x,
            long xOffset,
            QuantizedPanels to,
            int panel,
            int channel,
            int blocks,
            int token,
            int tokens,
            SumBounds bounds) {
        for (int block = channel / BLOCK; block < channel / BLOCK + blocks; block++) {
            for (int lane = token; lane < token + tokens; lane += LANES) {
                long from = x.address() + xOffset + block * BLOCK * ROW + (long) lane * Float.BYTES;
                scale(from, bounds, to.scales, to.scale(panel, block * BLOCK) + lane);
                tokens(from, to, panel, block * BLOCK, lane);
            }
        }
    }

    /** The scales of one vector of tokens. */
    private static void scale(long from, SumBounds bounds, float[] scales, int scale) {
        FloatVector largestHalf = FloatVector.zero(F);
        FloatVector blockSum = FloatVector.zero(F);
        for (int half = 0; half < BLOCK; half += BLOCK / 2) {
            FloatVector even = FloatVector.zero(F);
            FloatVector odd = FloatVector.zero(F);
            for (int k = half; k < half + BLOCK / 2; k += 2) {
                even = FloatVector.fromMemorySegment(F, ALL, from + k * ROW, LE)
                        .abs()
                        .add(even);
                odd = FloatVector.fromMemorySegment(F, ALL, from + (k + 1) * ROW, LE)
                        .abs()
                        .add(odd);
            }
            FloatVector halfSum = FloatVector.zero(F).add(even).add(odd);
            largestHalf = FloatVector.zero(F).max(halfSum).max(largestHalf);
            blockSum = FloatVector.zero(F).add(halfSum).add(blockSum);
        }
        FloatVector largest = FloatVector.zero(F).max(blockSum).mul(bounds.perBlock);
        largest = FloatVector.zero(F).max(largestHalf).mul(bounds.perHalf).max(largest);
        // A block of subnormals has no finite inverse; nothing is lost when it counts as zero.
        largest.blend(0f, largest.lt(Float.MIN_NORMAL)).intoArray(scales, scale);
    }

    /** One block of one vector of tokens. */
    private static void tokens(long from, QuantizedPanels to, int panel, int channel, int lane) {
        FloatVector scale = FloatVector.fromArray(F, to.scales, to.scale(panel, channel) + lane);
        FloatVector inverse = FloatVector.broadcast(F, 1f).div(scale);
        inverse = inverse.blend(0f, scale.eq(0f));
        int pairs = to.pair(panel, channel) + lane;
        long sums = to.sum(panel, channel);
        long at = (long) lane * Float.BYTES;
        IntVector total = IntVector.zero(I);
        for (int half = 0; half < 2; half++) {
            IntVector sum = IntVector.zero(I);
            for (int k = half * BLOCK / 4; k < (half + 1) * BLOCK / 4; k++) {
                IntVector a = integers(from + 2 * k * ROW, inverse);
                IntVector b = integers(from + (2 * k + 1) * ROW, inverse);
                sum = a.add(b).add(sum);
                a.lanewise(LSHL, 16).add(b).intoArray(to.pairs, pairs + k * Tile.PANEL);
            }
            ((FloatVector) IntVector.zero(I).add(sum).convertShape(I2F, F, 0))
                    .mul(scale)
                    .intoMemorySegment(ALL, to.halfSums.address() + 2 * sums + half * ROW + at, LE);
            total = IntVector.zero(I).add(sum).add(total);
        }
        ((FloatVector) IntVector.zero(I).add(total).convertShape(I2F, F, 0))
                .mul(scale)
                .intoMemorySegment(ALL, to.sums.address() + sums + at, LE);
    }

    private static IntVector integers(long at, FloatVector inverse) {
        return UNROUNDER.add(FloatVector.fromMemorySegment(F, ALL, at, LE)
                .mul(inverse)
                .add(ROUNDER)
                .reinterpretAsInts());
    }
}
