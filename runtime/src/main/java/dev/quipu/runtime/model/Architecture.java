package dev.quipu.runtime.model;

import dev.quipu.runtime.ModelFormatException;
import java.util.List;

/**
 * What distinguishes one family of Llama-like decoders from another. A new family is one more constant-like class here
 * and one line in {@link #KNOWN}.
 */
interface Architecture {
    List<Architecture> KNOWN = List.of(new Llama(), new Qwen2());

    /** The value of {@code general.architecture}, and the prefix of the family's metadata keys. */
    String name();

    RopeStyle ropeStyle();

    /** Whether the query, key and value projections must have a bias; others may. */
    boolean requiresBias();

    static Architecture of(String name) throws ModelFormatException {
        for (Architecture architecture : KNOWN) {
            if (architecture.name().equals(name)) {
                return architecture;
            }
        }
        throw new ModelFormatException("general.architecture is '" + name + "'; this runtime runs "
                + String.join(", ", KNOWN.stream().map(Architecture::name).toList()));
    }
}
