package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;

/**
 * 3.4375 bits per weight, super-blocks of 256 in 110 bytes:
 *
 * <pre>
 *   0  d       f16
 *   2  qs      64 bytes: low eight bits of the grid index of each four elements
 *  66  qh      8 bytes: bit i % 8 of byte i / 8 is bit 8 of grid index i
 *  74  signs   32 bytes: bit i % 8 of byte i / 8 is the sign of element i
 * 106  scales  4 bytes: a nibble per 32 elements
 * </pre>
 *
 * w = d * (1 + 2 * scale) * sign * grid element. Source: ggml's block_iq3_s and its grid of 512 points.
 */
public final class IQ3_S implements BlockCodec {
    /** 512 points of four odd numbers 1, 3, …, 15: three hexadecimal digits a point, three bits a number, lowest first. */
    private static final String POINTS = ""
            + "00000100200500700800900a00c00e01001101501b02002202502702902b03003203903c03f040041042044048"
            + "04904d05005305705905d06407107507a08008108508708808b08e09109509809c0a20a50a70a90ab0b80bb0c3"
            + "0c90cd0d00d20d90db0de0e40e80ea0f70f90fd10010b10f11111411a12012312913814214415015215615b161"
            + "16516717617b18618918b1991aa1b91c01c21c41d01d21d61db1e81ec20020120220420820920b20d20f210212"
            + "21921c21e22c22e23123a24024124324624824c25125825b26126826a27827e28028a28d28f29029429a2a02a3"
            + "2ad2b02ba2c12c42c72c82cb2d12d72d82dc2e12f22f830330530a30c31931b32232632832c34134834b351358"
            + "35a3693903943973a43a63c13c33c83ca3d13dd3e13f23f840040140340540740840a40c40e41141341741841a"
            + "42142342542842a43743843b43d44044244844b44f45245545945c46246948148448749149349849f4a14ab4af"
            + "4b94bc4c04c24c54c94d24d44d94db4e24e84f650150751051351a51d52153a53d54454955255f56056b578580"
            + "5825875915ad5b15c55c95d65d85e35e860260960b60d60f61261961b61d62262462762963363964164364564c"
            + "65165366067067a67e68068a69069a69c6a86c16c86cc6d16d36d76d86e16e36e76ed6fb70370970e71271972a"
            + "73073474174874a75575a76476e77b78e7a17c17c37d07d27dd80080480a81081481781a821828838842847849"
            + "84b85285885d86386986d88188388888d89189b8a08af8b28b88c48c98cb8d08d28d98dd90090291491f920939"
            + "94594795197298b99c9b09c89cd9d89e39e9a02a08a0ca12a20a24a27a2aa36a3ca41a43a45a4aa51a5aa7aa80"
            + "a89a93a98a9eaabac2ac7ac8ad7ae4ae9af5afbb01b04b10b1ab26b4ab56b69b6bba2bc2bc4bd2c09c0bc0dc19"
            + "c1bc30c40c50c57c74c8ac9cca2cadcb2cb8cc0ccccd1ce0d15d23d32d40d43d5cd70d85da0dc9dcbe00e04e07"
            + "e10e12e1ee20e2ce32e42e49e54e63e65e81e84e88e8ee91e98ea9ec2edaeddeebf01f05f0bf10f28f52f62f82"
            + "f99fc0";

    private static final byte[] GRID = grid();

    private static byte[] grid() {
        byte[] grid = new byte[512 * 4];
        for (int i = 0; i < grid.length; i++) {
            int point = Integer.parseInt(POINTS, i / 4 * 3, i / 4 * 3 + 3, 16);
            grid[i] = (byte) (2 * (point >>> i % 4 * 3 & 7) + 1);
        }
        return grid;
    }

    /** The grid: byte[512][4]. */
    public static byte[] points() {
        return GRID.clone();
    }

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at) {
        float d = Blocks.f16(src, offset);
        for (int i = 0; i < 64; i++) {
            int index = Blocks.u8(src, offset + 2 + i) | (Blocks.u8(src, offset + 66 + i / 8) >>> i % 8 & 1) << 8;
            int signs = Blocks.u8(src, offset + 74 + i / 2) >>> i % 2 * 4;
            int scale = Blocks.u8(src, offset + 106 + i / 16) >>> i / 8 % 2 * 4 & 15;
            float factor = d * (1 + 2 * scale);
            for (int k = 0; k < 4; k++) {
                float value = factor * GRID[index * 4 + k];
                dst[at + i * 4 + k] = (signs >>> k & 1) == 0 ? value : -value;
            }
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset) {
        float[] factors = new float[8];
        for (int j = 0; j < 8; j++) {
            factors[j] = Math.abs(Blocks.extreme(src, at + j * 32, 32)) / 15;
        }
        // The greatest factor gets the greatest scale, 1 + 2 * 15.
        float d = Blocks.putF16(dst, offset, Blocks.greatest(factors, 0, 8) / 31);
        dst.asSlice(offset + 2, 108).fill((byte) 0);
        for (int i = 0; i < 64; i++) {
            int scale = d == 0 ? 0 : Math.clamp(Blocks.round((factors[i / 8] / d - 1) / 2), 0, 15);
            int point = d == 0 ? 0 : nearest(src, at + i * 4, d * (1 + 2 * scale));
            Blocks.putI8(dst, offset + 2 + i, point);
            Blocks.or(dst, offset + 66 + i / 8, point >>> 8 << i % 8);
            if (i % 8 == 0) {
                Blocks.or(dst, offset + 106 + i / 16, scale << i / 8 % 2 * 4);
            }
            for (int k = 0; k < 4; k++) {
                int sign = src[at + i * 4 + k] < 0 ? 1 : 0;
                Blocks.or(dst, offset + 74 + i / 2, sign << i % 2 * 4 + k);
            }
        }
    }

    /** The grid point nearest to the magnitudes of four elements. */
    private static int nearest(float[] src, int at, float factor) {
        int nearest = 0;
        float least = Float.POSITIVE_INFINITY;
        for (int point = 0; point < 512; point++) {
            float error = 0;
            for (int k = 0; k < 4; k++) {
                float difference = Math.abs(src[at + k]) - factor * GRID[point * 4 + k];
                error += difference * difference;
            }
            if (error < least) {
                least = error;
                nearest = point;
            }
        }
        return nearest;
    }
}
