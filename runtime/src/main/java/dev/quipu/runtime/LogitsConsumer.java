package dev.quipu.runtime;

/** Takes the logits of one position after another. */
@FunctionalInterface
public interface LogitsConsumer {
    /**
     * @param position position of the evaluated token
     * @param logits float[vocabulary]: what may follow it; valid during the call only
     */
    void accept(int position, float[] logits);
}
