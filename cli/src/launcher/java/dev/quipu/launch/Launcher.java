package dev.quipu.launch;

import java.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * What {@code java -jar} starts, compiled for Java 8 so that an older JVM can load it and look for a newer one.
 *
 * <p>Quipu needs Java {@value #NEEDED_JAVA}, and the commands that compute also need the incubating Vector module, which
 * no manifest can ask for. So on an older JVM every command, and on a new enough one every command that computes, runs
 * in a child JVM with the right flags; the others run right here, which saves a JVM start.
 */
public final class Launcher {
    static final int NEEDED_JAVA = 25;

    static final String VECTOR_MODULE = "jdk.incubator.vector";

    private Launcher() {}

    public static void main(String[] args) {
        String[] arguments = CommandArguments.decode(args);
        Program program = Program.ofThisJar();
        if (System.getProperty(ChildJvm.LAUNCHED) != null || canRunHere(program, arguments)) {
            if (StandardInput.isClosed()) {
                System.setIn(new ByteArrayInputStream(new byte[0]));
            }
            program.run(arguments);
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
            System.exit(new ChildJvm(home, program, arguments).run());
        } catch (IOException e) {
            fail("cannot start " + home.java() + ": " + e.getMessage());
        }
    }

    private static boolean canRunHere(Program program, String[] arguments) {
        if (JavaHome.feature(System.getProperty("java.specification.version")) < NEEDED_JAVA
                || CommandArguments.needUtf8Locale(arguments)) {
            return false;
        }
        return !program.computes(arguments) || hasVectorModule();
    }

    private static boolean hasVectorModule() {
        try {
            Class.forName(VECTOR_MODULE + ".Vector", false, ClassLoader.getSystemClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static void fail(String message) {
        System.err.println("quipu: " + message);
        System.exit(1);
    }
}
