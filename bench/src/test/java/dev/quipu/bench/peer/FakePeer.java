package dev.quipu.bench.peer;

import java.nio.file.Path;

/** A peer that answers at once: its speed is 100, its engine the arguments it got. */
public final class FakePeer {
    private FakePeer() {}

    /** A command line that runs it. */
    public static String command() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return "'" + java + "' -XX:TieredStopAtLevel=1 -cp '" + System.getProperty("java.class.path") + "' "
                + FakePeer.class.getName();
    }

    public static void main(String[] args) {
        if (args[0].equals("fail")) {
            System.err.println("something");
            System.err.println("told to");
            System.exit(3);
        }
        String engine = String.join(" ", args).replace("\\", "\\\\");
        System.out.println("{\"engine\": \"" + engine + "\", \"pp_tok_s\": 100, \"tg_tok_s\": 100}");
    }
}
