package dev.quipu.cli.store;

import java.util.Locale;

/** A number of bytes for people to read. */
public final class Bytes {
    private Bytes() {}

    /** Such as {@code 93.81 MiB}. */
    public static String text(long bytes) {
        double value = bytes;
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.2f %s", value, units[unit]);
    }
}
