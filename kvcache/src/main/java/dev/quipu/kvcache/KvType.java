package dev.quipu.kvcache;

import dev.quipu.kvcache.attention.F16Rows;
import dev.quipu.kvcache.attention.F32Rows;
import dev.quipu.kvcache.attention.Q4Rows;
import dev.quipu.kvcache.attention.Q8Rows;
import dev.quipu.kvcache.attention.RowCodec;

/** How a row of K or V is encoded. */
public enum KvType {
    F32(new F32Rows()),
    F16(new F16Rows()),
    Q8_0(new Q8Rows()),
    Q4_0(new Q4Rows());

    private final RowCodec codec;

    KvType(RowCodec codec) {
        this.codec = codec;
    }

    RowCodec codec() {
        return codec;
    }
}
