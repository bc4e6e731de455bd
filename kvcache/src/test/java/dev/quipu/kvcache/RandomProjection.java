package dev.quipu.kvcache;

import java.util.Random;

/** A W_O of random numbers. */
record RandomProjection(int width, int valueDim) implements OutputProjection {
    @Override
    public void slice(int layer, int head, float[] slice) {
        Random random = new Random(1000L * layer + head);
        for (int i = 0; i < width * valueDim; i++) {
            slice[i] = (float) random.nextGaussian() * 0.1f;
        }
    }
}
