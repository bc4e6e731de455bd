package dev.quipu.launch;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** An installed Java, as its {@code release} file describes it. */
final class JavaHome {
    private final File folder;
    private final int feature;

    private JavaHome(File folder, int feature) {
        this.folder = folder;
        this.feature = feature;
    }

    File java() {
        return javaIn(folder);
    }

    int feature() {
        return feature;
    }

    /**
     * The Java for a child: QUIPU_JAVA_HOME if set, else the running one, else JAVA_HOME, else the oldest that is new
     * enough of those in the usual folders.
     *
     * @throws IllegalStateException if there is none, saying what to do
     */
    static JavaHome choose(Map<String, String> environment, String running) {
        return choose(environment, running, usualFolders(environment));
    }

    static JavaHome choose(Map<String, String> environment, String running, List<File> usual) {
        String wanted = environment.get("QUIPU_JAVA_HOME");
        if (wanted != null && !wanted.isEmpty()) {
            JavaHome home = in(new File(wanted));
            if (home == null) {
                throw new IllegalStateException("QUIPU_JAVA_HOME is " + wanted + ", which is not a JDK "
                        + Launcher.NEEDED_JAVA + " or newer with the module " + Launcher.VECTOR_MODULE
                        + "; point it at one, or unset it to search the usual folders");
            }
            return home;
        }
        JavaHome home = in(new File(running));
        String javaHome = environment.get("JAVA_HOME");
        if (home == null && javaHome != null && !javaHome.isEmpty()) {
            home = in(new File(javaHome));
        }
        if (home == null) {
            home = oldestOf(installed(usual));
        }
        if (home == null) {
            throw new IllegalStateException("needs Java " + Launcher.NEEDED_JAVA
                    + " or newer, and this is Java " + System.getProperty("java.version")
                    + ": install a JDK " + Launcher.NEEDED_JAVA
                    + " (for example from https://adoptium.net), or set QUIPU_JAVA_HOME to the folder of an installed one");
        }
        return home;
    }

    /** The folders below which systems, package managers and people install Java. */
    private static List<File> usualFolders(Map<String, String> environment) {
        String user = System.getProperty("user.home");
        List<File> folders = new ArrayList<>();
        String sdkman = environment.get("SDKMAN_DIR");
        if (sdkman != null) {
            folders.add(new File(sdkman, "candidates/java"));
        }
        folders.add(new File(user, ".sdkman/candidates/java"));
        folders.add(new File(user, ".jdks"));
        folders.add(new File(user, ".gradle/jdks"));
        folders.add(new File(user, ".asdf/installs/java"));
        folders.add(new File(user, ".local/share/mise/installs/java"));
        folders.add(new File("/usr/lib/jvm"));
        folders.add(new File("/usr/lib64/jvm"));
        folders.add(new File("/usr/java"));
        folders.add(new File("/usr/local"));
        folders.add(new File("/opt"));
        folders.add(new File("/opt/java"));
        folders.add(new File("/opt/homebrew/opt"));
        folders.add(new File("/usr/local/opt"));
        folders.add(new File(user, "Library/Java/JavaVirtualMachines"));
        folders.add(new File("/Library/Java/JavaVirtualMachines"));
        for (String variable : new String[] {"ProgramFiles", "ProgramW6432", "LOCALAPPDATA"}) {
            String programs = environment.get(variable);
            if (programs != null) {
                for (String vendor : new String[] {
                    "Java", "Eclipse Adoptium", "Microsoft", "Zulu", "Amazon Corretto", "BellSoft", "Programs/Eclipse Adoptium"
                }) {
                    folders.add(new File(programs, vendor));
                }
            }
        }
        return folders;
    }

    static List<JavaHome> installed(List<File> folders) {
        List<JavaHome> homes = new ArrayList<>();
        for (File folder : folders) {
            File[] candidates = folder.listFiles();
            if (candidates == null) {
                continue;
            }
            Arrays.sort(candidates);
            for (File candidate : candidates) {
                for (File inner : new File[] {
                    candidate, new File(candidate, "Contents/Home"), new File(candidate, "libexec/openjdk.jdk/Contents/Home")
                }) {
                    JavaHome home = in(inner);
                    if (home != null) {
                        homes.add(home);
                    }
                }
            }
        }
        return homes;
    }

    private static JavaHome oldestOf(List<JavaHome> homes) {
        JavaHome oldest = null;
        for (JavaHome home : homes) {
            if (oldest == null || home.feature < oldest.feature) {
                oldest = home;
            }
        }
        return oldest;
    }

    /** The Java in {@code folder}, or null if there is none that can run Quipu. */
    static JavaHome in(File folder) {
        File release = new File(folder, "release");
        if (!release.isFile() || !javaIn(folder).isFile()) {
            return null;
        }
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(release)) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            return null; // unreadable: not a Java to count on, the search goes on
        }
        int feature = feature(unquote(properties.getProperty("JAVA_VERSION", "")));
        String modules = properties.getProperty("MODULES");
        if (feature < Launcher.NEEDED_JAVA || modules != null && !modules.contains(Launcher.VECTOR_MODULE)) {
            return null;
        }
        return new JavaHome(folder, feature);
    }

    /** The 25 of 25, 25.0.3, 25-ea and 25+36; the 8 of 1.8.0_392; 0 for anything else. */
    static int feature(String version) {
        String[] parts = version.split("[^0-9]+", 3);
        try {
            int first = Integer.parseInt(parts[0]);
            return first == 1 && parts.length > 1 ? Integer.parseInt(parts[1]) : first;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String unquote(String value) {
        return value.replace("\"", "").trim();
    }

    private static File javaIn(File folder) {
        String name = System.getProperty("os.name").startsWith("Windows") ? "java.exe" : "java";
        return new File(folder, "bin" + File.separator + name);
    }
}
