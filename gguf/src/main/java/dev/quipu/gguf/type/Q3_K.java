package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 3.4375 bits per weight, super-blocks of 256 in 110 bytes:
 *
 * <pre>
 *   0  hmask   32 bytes: bit i / 32 of byte i % 32 is bit 2 of element i
 *  32  qs      64 bytes: in each half of 32 bytes, bit pairs 0, 2, 4, 6 are four runs of 32 elements
 *  96  scales  12 bytes: 16 scales of 6 bits, see Blocks
 * 108  d       f16
 * </pre>
 *
 * w = d * (scale - 32) * (q - 4). Source: ggml's block_q3_K.
 */
public final class Q3_K implements BlockCodec {
    /** Scale j: its low nibble in bytes 0..7, its two high bits in bytes 8..11. */
    private static int scale(MemorySegment src, long scales, int j) {
        int low = Blocks.u8(src, scales + j % 8) >>> j / 8 * 4 & 15;
        int high = Blocks.u8(src, scales + 8 + j % 4) >>> j / 4 * 2 & 3;
        return low | high << 4;
    }

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset + 108);
        for (int i = 0; i < 256; i++) {
            int low = Blocks.u8(src, offset + 32 + i / 128 * 32 + i % 32) >>> i % 128 / 32 * 2 & 3;
            int high = Blocks.u8(src, offset + i % 32) >>> i / 32 & 1;
            dst[at + i] = d * (scale(src, offset + 96, i / 16) - 32) * ((low | high << 2) - 4);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float[] scales = Fit.scales(src, at, 16, 16, Grid.integers(-4, 3));
        float d = Blocks.putF16(dst, offset + 108, Blocks.extreme(scales, 0, 16) / -32);
        dst.asSlice(offset, 108).fill((byte) 0);
        for (int j = 0; j < 16; j++) {
            int scale = Fit.code(scales[j], d, -32, 31);
            Blocks.or(dst, offset + 96 + j % 8, (scale + 32 & 15) << j / 8 * 4);
            Blocks.or(dst, offset + 104 + j % 4, scale + 32 >>> 4 << j / 4 * 2);
            for (int i = j * 16; i < j * 16 + 16; i++) {
                int q = Fit.code(src[at + i], d * scale, -4, 3) + 4;
                Blocks.or(dst, offset + 32 + i / 128 * 32 + i % 32, (q & 3) << i % 128 / 32 * 2);
                Blocks.or(dst, offset + i % 32, q >>> 2 << i / 32);
            }
        }
    }
}
