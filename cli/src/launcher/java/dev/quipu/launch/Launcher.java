package dev.quipu.launch;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What {@code java -jar quipu.jar} starts, compiled for Java 8 so that an older JVM can load it and look for a newer one.
 *
 * <p>Quipu needs Java {@value #NEEDED_JAVA}, and the commands that compute also need the incubating Vector module, which
 * no manifest can ask for. So on an older JVM every command, and on a new enough one every command that computes, runs
 * in a child JVM with the right flags; the others run right here, which saves a JVM start.
 */
public final class Launcher {
    static final int NEEDED_JAVA = 25;

    static final String VECTOR_MODULE = "jdk.incubator.vector";

    private static final String MAIN_CLASS = "dev.quipu.cli.Quipu";

    /** Commands that run a model. */
    private static final Set<String> COMPUTING =
            Collections.unmodifiableSet(new HashSet<>(Arrays.asList("run", "chat", "perplexity", "eval", "bench", "serve")));

    private Launcher() {}

    public static void main(String[] args) {
        String[] arguments = CommandArguments.decode(args);
        if (System.getProperty(ChildJvm.LAUNCHED) != null || canRunHere(arguments)) {
            runHere(arguments);
            return;
        }
        JavaHome home;
        try {
            home = JavaHome.choose(System.getenv(), System.getProperty("java.home"));
        } catch (IllegalStateException e) {
            fail(e.getMessage());
            return;
        }
        try {
            System.exit(new ChildJvm(home, arguments).run());
        } catch (IOException e) {
            fail("cannot start " + home.java() + ": " + e.getMessage());
        }
    }

    private static boolean canRunHere(String[] arguments) {
        if (JavaHome.feature(System.getProperty("java.specification.version")) < NEEDED_JAVA
                || CommandArguments.needUtf8Locale(arguments)) {
            return false;
        }
        return !computes(arguments) || hasVectorModule();
    }

    /** Whether the command runs a model; asking for its help does not. */
    static boolean computes(String[] arguments) {
        if (arguments.length == 0 || !COMPUTING.contains(arguments[0])) {
            return false;
        }
        List<String> options = new ArrayList<>(Arrays.asList(arguments));
        int end = options.indexOf("--");
        if (end >= 0) {
            options = options.subList(0, end);
        }
        return !options.contains("--help") && !options.contains("-h");
    }

    private static boolean hasVectorModule() {
        try {
            Class.forName(VECTOR_MODULE + ".Vector", false, ClassLoader.getSystemClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static void runHere(String[] arguments) {
        try {
            Class.forName(MAIN_CLASS)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "the jar is incomplete: " + new File(System.getProperty("java.class.path")).getAbsolutePath(), e);
        }
    }

    private static void fail(String message) {
        System.err.println("quipu: " + message);
        System.exit(1);
    }
}
