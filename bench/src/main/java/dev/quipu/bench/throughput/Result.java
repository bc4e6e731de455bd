package dev.quipu.bench.throughput;

import dev.quipu.bench.limit.Limits;
import dev.quipu.bench.peer.PeerSpeed;
import dev.quipu.runtime.Model;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What has been measured of one workload.
 *
 * @param laps of each repetition
 * @param limits of the machine around it; empty = not measured
 * @param peer measurements in turn with ours; empty = none
 */
record Result(
        Setting setting,
        Workload workload,
        Model model,
        ModelCost cost,
        Instant begun,
        List<Stopwatch.Lap> laps,
        Optional<Limits> limits,
        List<PeerSpeed> peer) {

    Samples nanos() {
        return new Samples(laps.stream().mapToDouble(Stopwatch.Lap::nanos).toArray());
    }

    Samples tokensPerSecond() {
        return new Samples(laps.stream()
                .mapToDouble(lap -> workload.tokens() * 1e9 / lap.nanos())
                .toArray());
    }

    /** Java objects, in bytes per token. */
    double allocatedPerToken() {
        return new Samples(laps.stream()
                                .mapToDouble(Stopwatch.Lap::allocatedBytes)
                                .toArray())
                        .median()
                / workload.tokens();
    }

    /** Of the read bandwidth, of what generating must read; NaN for prompts. */
    double readShare() {
        if (limits.isEmpty() || workload.prompt() > 0) {
            return Double.NaN;
        }
        double bytes = cost.bytesPerToken(model.config(), setting, workload);
        return bytes * tokensPerSecond().median() / limits.get().readBytes();
    }

    /** Multiply-adds per second that the prompt needs; NaN for generation. */
    double productsPerSecond() {
        return workload.generated() > 0
                ? Double.NaN
                : cost.productsPerToken(model.config(), setting, workload)
                        * tokensPerSecond().median();
    }

    double fp32Share() {
        return limits.map(l -> productsPerSecond() / l.fp32()).orElse(Double.NaN);
    }

    double int16Share() {
        return limits.map(l -> productsPerSecond() / l.int16()).orElse(Double.NaN);
    }

    Optional<Samples> peerTokensPerSecond() {
        return peer.isEmpty()
                ? Optional.empty()
                : Optional.of(new Samples(
                        peer.stream().mapToDouble(PeerSpeed::tokensPerSecond).toArray()));
    }

    Optional<Ratio> ratio() {
        return peerTokensPerSecond().map(p -> Ratio.of(tokensPerSecond().values(), p.values()));
    }
}
