package dev.quipu.runtime.matmul;

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
    private static final int PAIRS = 2 * Tile.PANEL;
    private static final long ROW = Tile.PANEL_BYTES;
    private static final int BLOCK = QuantizedPanels.BLOCK;

    /** Added to a float below 2^22, it leaves the nearest integer in the low bits. */
    private static final float ROUNDER = 0x1.8p23f;

    private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);

    @Override
    public void quantize(
            MemorySegment x,
            long xOffset,
            QuantizedPanels to,
            int block,
            int blocks,
            float perBlockSum,
            float perHalfSum) {
        for (int i = 0; i < blocks; i++) {
            for (int lane = 0; lane < Tile.PANEL; lane += LANES) {
                long from = xOffset + i * BLOCK * ROW + (long) lane * Float.BYTES;
                tokens(x, from, to, block + i, lane, perBlockSum, perHalfSum);
            }
        }
    }

    /** One vector of tokens. */
    private static void tokens(
            MemorySegment x, long from, QuantizedPanels to, int block, int lane, float perBlockSum, float perHalfSum) {
        FloatVector even = FloatVector.zero(F);
        FloatVector odd = FloatVector.zero(F);
        FloatVector largest = FloatVector.zero(F);
        for (int half = 0; half < 2; half++) {
            FloatVector halfEven = FloatVector.zero(F);
            FloatVector halfOdd = FloatVector.zero(F);
            for (int k = half * BLOCK / 2; k < (half + 1) * BLOCK / 2; k += 2) {
                halfEven = FloatVector.fromMemorySegment(F, x, from + k * ROW, LE)
                        .abs()
                        .add(halfEven);
                halfOdd = FloatVector.fromMemorySegment(F, x, from + (k + 1) * ROW, LE)
                        .abs()
                        .add(halfOdd);
            }
            largest = FloatVector.zero(F).max(halfEven).max(halfOdd).max(largest);
            even = FloatVector.zero(F).add(halfEven).add(even);
            odd = FloatVector.zero(F).add(halfOdd).add(odd);
        }
        FloatVector scale = FloatVector.zero(F)
                .max(even)
                .max(odd)
                .mul(perBlockSum)
                .max(FloatVector.zero(F).max(largest).mul(perHalfSum));
        // A block of subnormals has no finite inverse; nothing is lost when it counts as zero.
        scale = scale.blend(0f, scale.lt(Float.MIN_NORMAL));
        FloatVector inverse = FloatVector.broadcast(F, 1f).div(scale);
        inverse = inverse.blend(0f, scale.eq(0f));
        scale.intoArray(to.scales, block * Tile.PANEL + lane);
        int pairs = QuantizedPanels.FIRST_PAIR + block * QuantizedPanels.BLOCK_PAIRS + 2 * lane;
        long at = (long) lane * Float.BYTES;
        IntVector total = IntVector.zero(I);
        for (int half = 0; half < 2; half++) {
            IntVector sum = IntVector.zero(I);
            for (int k = half * BLOCK / 4; k < (half + 1) * BLOCK / 4; k++) {
                IntVector a = integers(x, from + 2 * k * ROW, inverse);
                IntVector b = integers(x, from + (2 * k + 1) * ROW, inverse);
                sum = a.add(b).add(sum);
                a.and(0xffff).or(b.lanewise(LSHL, 16)).reinterpretAsShorts().intoArray(to.pairs, pairs + k * PAIRS);
            }
            ((FloatVector) IntVector.zero(I).add(sum).convertShape(I2F, F, 0))
                    .mul(scale)
                    .intoMemorySegment(to.halfSums, QuantizedPanels.sumOffset(2 * block + half) + at, LE);
            total = IntVector.zero(I).add(sum).add(total);
        }
        ((FloatVector) IntVector.zero(I).add(total).convertShape(I2F, F, 0))
                .mul(scale)
                .intoMemorySegment(to.sums, QuantizedPanels.sumOffset(block) + at, LE);
    }

    private static IntVector integers(MemorySegment x, long at, FloatVector inverse) {
        return FloatVector.fromMemorySegment(F, x, at, LE)
                .mul(inverse)
                .add(ROUNDER)
                .reinterpretAsInts()
                .sub(ROUNDER_BITS);
    }
}
