package dev.quipu.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** A file that is not valid GGUF: what was being read, what is wrong with it, and at which byte. */
public final class GgufFormatException extends IOException {
    private static final int QUOTED_CHARACTERS = 80;

    private final String defect;
    private final long offset;

    /** @param offset byte offset in the file at which the defect was noticed */
    public GgufFormatException(String defect, long offset) {
        this("", defect, offset);
    }

    private GgufFormatException(String prefix, String defect, long offset) {
        super(prefix + defect + " (at byte " + offset + ")");
        this.defect = defect;
        this.offset = offset;
    }

    /** The same, naming the file. */
    GgufFormatException in(Path file) {
        GgufFormatException named = new GgufFormatException(file + ": ", defect, offset);
        named.setStackTrace(getStackTrace());
        return named;
    }

    /** Byte offset in the file at which the defect was noticed. */
    public long offset() {
        return offset;
    }

    /** A key or name from a file as messages show it: in quotes, shortened, and without control characters. */
    static String quoted(String name) {
        StringBuilder quoted = new StringBuilder("'");
        name.codePoints().limit(QUOTED_CHARACTERS).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append(name.codePointCount(0, name.length()) > QUOTED_CHARACTERS ? "…'" : "'")
                .toString();
    }
}
