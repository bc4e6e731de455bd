package dev.quipu.gguf.type;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian fields of blocks, at any alignment. */
final class Blocks {
    static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Blocks() {}

    static float f16(MemorySegment src, long offset) {
        return Float.float16ToFloat(src.get(I16, offset));
    }

    static int i8(MemorySegment src, long offset) {
        return src.get(ValueLayout.JAVA_BYTE, offset);
    }

    static int u8(MemorySegment src, long offset) {
        return src.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    static int u16(MemorySegment src, long offset) {
        return src.get(I16, offset) & 0xffff;
    }

    static int i32(MemorySegment src, long offset) {
        return src.get(I32, offset);
    }

    /*
     * Q4_K and Q5_K pack 8 scales and 8 minimums of 6 bits into 12 bytes:
     *   bytes 0..3   scales 0..3; the top two bits are bits 4 and 5 of scales 4..7
     *   bytes 4..7   minimums 0..3; the top two bits are bits 4 and 5 of minimums 4..7
     *   bytes 8..11  low nibbles of scales 4..7, high nibble of minimums 4..7
     */

    static int scale6(MemorySegment src, long scales, int j) {
        return j < 4 ? u8(src, scales + j) & 63 : u8(src, scales + 4 + j) & 15 | u8(src, scales + j - 4) >>> 6 << 4;
    }

    static int minimum6(MemorySegment src, long scales, int j) {
        return j < 4 ? u8(src, scales + 4 + j) & 63 : u8(src, scales + 4 + j) >>> 4 | u8(src, scales + j) >>> 6 << 4;
    }

    /** Adds scale and minimum j; both were zero. */
    static void putScale6(MemorySegment dst, long scales, int j, int scale, int minimum) {
        if (j < 4) {
            or(dst, scales + j, scale);
            or(dst, scales + 4 + j, minimum);
        } else {
            or(dst, scales + 4 + j, scale & 15 | (minimum & 15) << 4);
            or(dst, scales + j - 4, scale >>> 4 << 6);
            or(dst, scales + j, minimum >>> 4 << 6);
        }
    }

    /** Returns the number as rounded. */
    static float putF16(MemorySegment dst, long offset, float value) {
        short bits = Float.floatToFloat16(value);
        dst.set(I16, offset, bits);
        return Float.float16ToFloat(bits);
    }

    /** The low eight bits. */
    static void putI8(MemorySegment dst, long offset, int value) {
        dst.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    /** The low sixteen bits. */
    static void putI16(MemorySegment dst, long offset, int value) {
        dst.set(I16, offset, (short) value);
    }

    static void putI32(MemorySegment dst, long offset, int value) {
        dst.set(I32, offset, value);
    }

    /** Adds bits to a byte. */
    static void or(MemorySegment dst, long offset, int bits) {
        putI8(dst, offset, u8(dst, offset) | bits);
    }

    /** To the nearest integer, halves away from zero. */
    static int round(float value) {
        return (int) (value + Math.copySign(0.5, value));
    }

    /** The element of greatest magnitude, with its sign. */
    static float extreme(float[] src, int at, int n) {
        float extreme = 0;
        for (int i = at; i < at + n; i++) {
            if (Math.abs(src[i]) > Math.abs(extreme)) {
                extreme = src[i];
            }
        }
        return extreme;
    }

    static float least(float[] src, int at, int n) {
        float least = src[at];
        for (int i = at + 1; i < at + n; i++) {
            least = Math.min(least, src[i]);
        }
        return least;
    }

    static float greatest(float[] src, int at, int n) {
        float greatest = src[at];
        for (int i = at + 1; i < at + n; i++) {
            greatest = Math.max(greatest, src[i]);
        }
        return greatest;
    }
}
