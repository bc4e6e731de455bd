package dev.quipu.launch;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/** What a jar launches, as its manifest says. */
final class Program {
    /** All commands compute, and the program by itself as well. */
    private static final String EVERY = "*";

    private final String mainClass;
    private final List<String> computing;
    private final List<String> answering;

    Program(String mainClass, String computingCommands, String answeringCommands) {
        this.mainClass = mainClass;
        this.computing = Arrays.asList(computingCommands.trim().split("\\s+"));
        this.answering = Arrays.asList(answeringCommands.trim().split("\\s+"));
    }

    /** The program of the jar that this class is in. */
    static Program ofThisJar() {
        try (JarFile jar = new JarFile(new File(
                Program.class.getProtectionDomain().getCodeSource().getLocation().toURI()))) {
            Attributes attributes = jar.getManifest().getMainAttributes();
            String mainClass = attributes.getValue("Launched-Class");
            String computing = attributes.getValue("Computing-Commands");
            if (mainClass == null || computing == null) {
                throw new IllegalStateException("the jar's manifest does not say what to launch");
            }
            String answering = attributes.getValue("Answering-Commands");
            return new Program(mainClass, computing, answering == null ? "" : answering);
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("the jar cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether a command line runs a model; asking for help does not. */
    boolean computes(String[] arguments) {
        if (!computing.contains(EVERY) && (arguments.length == 0 || !computing.contains(arguments[0]))) {
            return false;
        }
        List<String> options = new ArrayList<>(Arrays.asList(arguments));
        int end = options.indexOf("--");
        if (end >= 0) {
            options = options.subList(0, end);
        }
        return !options.contains("--help") && !options.contains("-h");
    }

    /** Whether a person waits for the first thing that a command line computes. */
    boolean answers(String[] arguments) {
        return arguments.length > 0 && answering.contains(arguments[0]) && computes(arguments);
    }

    void run(String[] arguments) {
        try {
            Class.forName(mainClass).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the jar is incomplete: it has no " + mainClass, e);
        }
    }
}
