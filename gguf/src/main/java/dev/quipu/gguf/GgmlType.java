package dev.quipu.gguf;

import dev.quipu.gguf.type.BF16;
import dev.quipu.gguf.type.BlockCodec;
import dev.quipu.gguf.type.F16;
import dev.quipu.gguf.type.F32;
import dev.quipu.gguf.type.F64;
import dev.quipu.gguf.type.I16;
import dev.quipu.gguf.type.I32;
import dev.quipu.gguf.type.I64;
import dev.quipu.gguf.type.I8;
import dev.quipu.gguf.type.IQ3_S;
import dev.quipu.gguf.type.IQ4_NL;
import dev.quipu.gguf.type.IQ4_XS;
import dev.quipu.gguf.type.MXFP4;
import dev.quipu.gguf.type.Q2_K;
import dev.quipu.gguf.type.Q3_K;
import dev.quipu.gguf.type.Q4_0;
import dev.quipu.gguf.type.Q4_1;
import dev.quipu.gguf.type.Q4_K;
import dev.quipu.gguf.type.Q5_0;
import dev.quipu.gguf.type.Q5_1;
import dev.quipu.gguf.type.Q5_K;
import dev.quipu.gguf.type.Q6_K;
import dev.quipu.gguf.type.Q8_0;
import dev.quipu.gguf.type.TQ1_0;
import dev.quipu.gguf.type.TQ2_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Optional;

/** A tensor's element type: how many elements make a block, how many bytes that is, and what they mean. */
public enum GgmlType {
    F32(0, 1, 4, new F32()),
    F16(1, 1, 2, new F16()),
    Q4_0(2, 32, 18, new Q4_0()),
    Q4_1(3, 32, 20, new Q4_1()),
    Q5_0(6, 32, 22, new Q5_0()),
    Q5_1(7, 32, 24, new Q5_1()),
    Q8_0(8, 32, 34, new Q8_0()),
    Q2_K(10, 256, 84, new Q2_K()),
    Q3_K(11, 256, 110, new Q3_K()),
    Q4_K(12, 256, 144, new Q4_K()),
    Q5_K(13, 256, 176, new Q5_K()),
    Q6_K(14, 256, 210, new Q6_K()),
    IQ4_NL(20, 32, 18, new IQ4_NL()),
    IQ3_S(21, 256, 110, new IQ3_S()),
    IQ4_XS(23, 256, 136, new IQ4_XS()),
    I8(24, 1, 1, new I8()),
    I16(25, 1, 2, new I16()),
    I32(26, 1, 4, new I32()),
    I64(27, 1, 8, new I64()),
    F64(28, 1, 8, new F64()),
    BF16(30, 1, 2, new BF16()),
    TQ1_0(34, 256, 54, new TQ1_0()),
    TQ2_0(35, 256, 66, new TQ2_0()),
    MXFP4(39, 32, 17, new MXFP4());

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Greatest 16-bit float: what scales and minimums can hold. */
    private static final float MAX_QUANTIZED = 65_504;

    private final int id;
    private final int blockElements;
    private final int blockBytes;
    private final BlockCodec codec;

    GgmlType(int id, int blockElements, int blockBytes, BlockCodec codec) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.codec = codec;
    }

    /** The number that stands for the type in a file. */
    public int id() {
        return id;
    }

    /** Elements of a block. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether elements share a scale. */
    public boolean isQuantized() {
        return blockElements > 1;
    }

    /** Whether the type can hold the weights of a matrix: integers and 64-bit floats are storage only. */
    public boolean isWeight() {
        return switch (this) {
            case I8, I16, I32, I64, F64 -> false;
            default -> true;
        };
    }

    /**
     * Bytes of so many elements.
     *
     * @throws IllegalArgumentException if they are not whole blocks
     */
    public long rowBytes(long elements) {
        if (elements < 0 || elements % blockElements != 0) {
            throw new IllegalArgumentException(
                    elements + " elements are not a multiple of " + this + "'s block of " + blockElements);
        }
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /**
     * The elements of whole blocks as floats: the definition that kernels are compared with.
     *
     * @param srcOffset byte offset of the first block
     * @param elements a multiple of {@link #blockElements}
     */
    public void dequantize(MemorySegment src, long srcOffset, float[] dst, int dstOffset, int elements) {
        Objects.checkFromIndexSize(srcOffset, rowBytes(elements), src.byteSize());
        Objects.checkFromIndexSize(dstOffset, elements, dst.length);
        if (this == F32) {
            // At once: one by one takes long while that is interpreted.
            MemorySegment.copy(src, FLOAT, srcOffset, dst, dstOffset, elements);
            return;
        }
        for (int i = 0; i < elements / blockElements; i++) {
            codec.decode(src, srcOffset + (long) i * blockBytes, dst, dstOffset + i * blockElements);
        }
    }

    /**
     * Rounds elements to whole blocks. Of reference quality: simple code of small error, for tests and small models;
     * Q4_0, Q4_1, Q5_0, Q5_1 and Q8_0 are byte for byte what ggml's reference functions give.
     *
     * @param elements a multiple of {@link #blockElements}
     * @param dstOffset byte offset of the first block
     * @throws IllegalArgumentException if the type shares scales and an element is not finite, or too large for them
     */
    public void quantize(float[] src, int srcOffset, MemorySegment dst, long dstOffset, int elements) {
        Objects.checkFromIndexSize(srcOffset, elements, src.length);
        Objects.checkFromIndexSize(dstOffset, rowBytes(elements), dst.byteSize());
        for (int i = srcOffset; isQuantized() && i < srcOffset + elements; i++) {
            if (!(Math.abs(src[i]) <= MAX_QUANTIZED)) {
                throw new IllegalArgumentException("element " + i + " is " + src[i] + ", too large for " + this);
            }
        }
        for (int i = 0; i < elements / blockElements; i++) {
            codec.encode(src, srcOffset + i * blockElements, dst, dstOffset + (long) i * blockBytes);
        }
    }

    /** The type that a file's number stands for, if it is one that can be read. */
    static Optional<GgmlType> of(int id) {
        for (GgmlType type : values()) {
            if (type.id == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
