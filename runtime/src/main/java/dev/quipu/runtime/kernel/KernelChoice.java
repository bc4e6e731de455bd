package dev.quipu.runtime.kernel;

/** Which kernels to compute with. */
public enum KernelChoice {
    /** The widest the processor has; scalar if the Vector API module is absent. */
    AUTO("auto"),
    SCALAR("scalar"),
    W128("128"),
    W256("256"),
    W512("512");

    private final String text;

    KernelChoice(String text) {
        this.text = text;
    }

    /** The word or number by which a user names it. */
    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException naming the choices */
    public static KernelChoice parse(String text) {
        for (KernelChoice choice : values()) {
            if (choice.text.equals(text)) {
                return choice;
            }
        }
        throw new IllegalArgumentException("kernel must be auto, scalar, 128, 256 or 512, not '" + text + "'");
    }
}
