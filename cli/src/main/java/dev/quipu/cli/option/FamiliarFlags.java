package dev.quipu.cli.option;

import dev.quipu.cli.CommandFailure;
import dev.quipu.cli.Console;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Flags that people know from llama.cpp and that have nothing to change here: accepted, or refused with the reason. */
public final class FamiliarFlags {
    @Option(
            names = {"-cnv", "--conversation", "-st", "--single-turn", "--jinja", "--simple-io", "--log-disable"},
            hidden = true,
            description = "As it is anyway.")
    private boolean asItIs;

    @Option(
            names = {"-mli", "--multiline-input", "--no-display-prompt", "--no-context-shift", "-i", "--interactive"},
            hidden = true,
            description = "As it is anyway.")
    private boolean alsoAsItIs;

    @Option(
            names = {"-co", "--color"},
            arity = "0..1",
            fallbackValue = "on",
            hidden = true,
            paramLabel = "on|off|auto",
            description = "Accepted: nothing is coloured.")
    private String color = "";

    @Option(
            names = {"-fa", "--flash-attn"},
            arity = "0..1",
            fallbackValue = "on",
            hidden = true,
            paramLabel = "on|off|auto",
            description = "Accepted: attention is always computed in tiles.")
    private String flashAttention = "";

    @Option(
            names = {"-tb", "--threads-batch"},
            hidden = true,
            paramLabel = "N",
            description = "Ignored: prompts are computed by the threads of -t.")
    private String batchThreads = "";

    @Option(names = "--mlock", hidden = true, description = "Ignored: pages are the system's to keep.")
    private boolean lock;

    @Option(names = "--numa", hidden = true, paramLabel = "TYPE", description = "Ignored.")
    private String numa = "";

    @Option(names = "--keep", hidden = true, paramLabel = "N", description = "Refused, unless 0.")
    private int keep;

    @Option(names = "--context-shift", hidden = true, description = "Refused.")
    private boolean contextShift;

    /** Says what is ignored. */
    public void check(Console console) {
        if (keep != 0) {
            throw CommandFailure.usage("--keep: a full context is not shifted, so there is nothing to keep of it");
        }
        if (contextShift) {
            throw CommandFailure.usage(
                    "--context-shift: nothing is ever dropped silently; a full context ends the answer");
        }
        List<String> ignored = new ArrayList<>();
        if (!batchThreads.isEmpty()) {
            ignored.add("-tb is ignored, prompts are computed by the threads of -t");
        }
        if (lock) {
            ignored.add("--mlock is ignored, the system decides which pages of the file stay in memory");
        }
        if (!numa.isEmpty()) {
            ignored.add("--numa is ignored");
        }
        ignored.forEach(note -> console.err().println("note: " + note));
    }
}
