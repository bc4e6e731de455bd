package dev.quipu.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: this build, and the Java it runs on. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "quipu " + number(),
            System.getProperty("java.vm.name") + " " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch")
        };
    }

    /** The version in the jar's manifest. Classes that are not in the jar have none. */
    static String number() {
        @Nullable String number = Version.class.getPackage().getImplementationVersion();
        return number == null ? "development" : number;
    }
}
