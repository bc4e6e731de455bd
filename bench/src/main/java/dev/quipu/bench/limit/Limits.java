package dev.quipu.bench.limit;

/**
 * What so many threads of this machine can do.
 *
 * @param readBytes bytes read per second
 * @param fp32 fused multiply-adds on floats per second
 * @param int16 products and sums of 16-bit integers per second
 */
public record Limits(int threads, double readBytes, double fp32, double int16) {
    /** Takes about a second. */
    public static Limits measure(int threads) {
        return new Limits(
                threads,
                ReadBandwidth.measure(threads),
                MultiplyAdds.FP32.measure(threads),
                MultiplyAdds.INT16.measure(threads));
    }

    /** Between two measurements, the machine was on average like this. */
    public Limits mean(Limits other) {
        return new Limits(
                threads, (readBytes + other.readBytes) / 2, (fp32 + other.fp32) / 2, (int16 + other.int16) / 2);
    }
}
