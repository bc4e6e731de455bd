package dev.quipu.launch;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The JVM that does the work for a launcher which cannot: same terminal, same standard streams, its exit code is ours.
 *
 * <p>Ctrl-C reaches both from the terminal; the child decides what it means. When this JVM is told to end, the child is.
 */
final class ChildJvm {
    /** System property that marks the child, so that it never launches again. */
    static final String LAUNCHED = "quipu.launched";

    private final List<String> command = new ArrayList<>();

    ChildJvm(JavaHome home, Program program, String[] arguments) {
        command.add(home.java().getPath());
        if (program.computes(arguments)) {
            command.add("--add-modules=" + Launcher.VECTOR_MODULE);
            command.add("-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0");
            // C2 adds up how often the methods that a kernel inlines were ever deoptimised, the same method as often as it
            // is inlined. Beyond half of this it trusts no observed class any more, and vectors are boxed. Default: 400.
            command.add("-XX:PerMethodRecompilationCutoff=10000");
            command.add("-XX:CompileCommand=quiet");
            // Once compiled on their own they may be thought too big to inline, and vectors that are passed on are boxed.
            command.add("-XX:CompileCommand=inline,dev/quipu/runtime/kernel/Quants.*");
            // One call for 64 cells; inlined into what it is for, there is too much for C2, and vectors are boxed.
            command.add("-XX:CompileCommand=dontinline,dev/quipu/kvcache/attention/*.unpack");
        }
        if (program.answers(arguments)) {
            command.addAll(QuickStart.options(arguments, System.getenv()));
        }
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-D" + LAUNCHED + "=true");
        command.addAll(JvmOptions.split(System.getenv("QUIPU_JAVA_OPTS")));
        String encoded = CommandArguments.encode(arguments);
        if (encoded != null) {
            command.add(encoded);
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Launcher.class.getName());
        if (encoded == null) {
            command.addAll(Arrays.asList(arguments));
        }
    }

    int run() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        if (!CommandArguments.isUtf8() && File.separatorChar == '/') {
            builder.environment().put("LC_ALL", "C.UTF-8");
        }
        if (StandardInput.isClosed()) {
            builder.redirectInput(StandardInput.NOTHING);
        }
        leaveInterruptToChild();
        Process child = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(child)));
        while (true) {
            try {
                return child.waitFor();
            } catch (InterruptedException e) {
                child.destroy();
            }
        }
    }

    private static void end(Process child) {
        child.destroy();
        try {
            child.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Makes this JVM do nothing at Ctrl-C. The handler is a method, since a signal that is merely ignored would be
     * ignored by the child as well. By reflection: the class is not part of Java's API.
     */
    private static void leaveInterruptToChild() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler nothing = (proxy, method, args) -> null;
            Object proxy = Proxy.newProxyInstance(Launcher.class.getClassLoader(), new Class<?>[] {handler}, nothing);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
        } catch (ReflectiveOperationException e) {
            System.err.println("quipu: this Java cannot handle Ctrl-C: " + e);
        }
    }
}
