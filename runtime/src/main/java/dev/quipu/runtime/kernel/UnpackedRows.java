package dev.quipu.runtime.kernel;

import static dev.quipu.kvcache.simd.NativeMemory.ALL;

import dev.quipu.gguf.GgmlType;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The product of any type: a piece of a row is unpacked to floats, then multiplied. As exact as floats are, and the form
 * that a type has before it has a faster one.
 */
final class UnpackedRows implements RowProduct {
    /** Elements unpacked at a time: a multiple of every block, small enough for the first-level cache. */
    private static final int PIECE = 1024;

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Unpacker unpacker;
    private final Dot dot;
    private final long pieceBytes;
    private final ThreadLocal<float[]> pieces = ThreadLocal.withInitial(() -> new float[PIECE]);

    UnpackedRows(GgmlType type, Unpacker unpacker, Dot dot) {
        this.unpacker = unpacker;
        this.dot = dot;
        this.pieceBytes = type.rowBytes(PIECE);
    }

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
        float[] piece = pieces.get();
        for (int r = 0; r < count; r++) {
            long at = w + r * rowBytes;
            float sum = 0;
            for (int column = 0; column < columns; column += PIECE) {
                int n = Math.min(PIECE, columns - column);
                unpacker.unpack(ALL, at, piece, 0, n);
                sum += dot.dot(piece, ALL, x + 4L * column, n);
                at += pieceBytes;
            }
            ALL.set(FLOAT, y + 4L * r, sum);
        }
    }
}
