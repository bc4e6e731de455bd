package dev.quipu.kvcache.attention;

import dev.quipu.kvcache.simd.NativeMemory;
import dev.quipu.kvcache.simd.SimdWidth;
import java.lang.invoke.MethodHandles;
import java.util.Optional;

/** The kernels of one cache: its row types at one vector width, or scalar. */
public record AttentionKernels(
        KeyKernel keys,
        ValueKernel values,
        SoftmaxKernel softmax,
        PanelKernel panels,
        LaneKernel lanes,
        Optional<SimdWidth> width) {
    /**
     * @param width empty for the scalar kernels
     * @throws IllegalArgumentException if the processor does not compute at this width
     * @throws IllegalStateException if the user denies native access
     */
    public static AttentionKernels choose(RowCodec keys, RowCodec values, Optional<SimdWidth> width) {
        if (width.isEmpty()) {
            return new AttentionKernels(
                    new ScalarKeys(keys),
                    new ScalarValues(values),
                    new ScalarSoftmax(),
                    new ScalarPanels(),
                    new ScalarLanes(),
                    width);
        }
        NativeMemory.require();
        SimdWidth simd = width.get();
        if (!simd.supported()) {
            throw new IllegalArgumentException("no " + simd.bits() + "-bit vectors on this processor");
        }
        return new AttentionKernels(
                new VectorKeys(simd, keys),
                new VectorValues(simd, values),
                vector(simd, VectorSoftmax.class, SoftmaxKernel.class),
                vector(simd, VectorPanels.class, PanelKernel.class),
                vector(simd, VectorLanes.class, LaneKernel.class),
                width);
    }

    private static <T> T vector(SimdWidth width, Class<? extends T> template, Class<T> contract) {
        return width.specialize(MethodHandles.lookup(), template, contract);
    }
}
