package dev.quipu.gguf;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that one model is split into: {@code NAME-00001-of-00003.gguf} and so on, with the metadata keys
 * {@code split.count}, {@code split.no} (from 0) and {@code split.tensors.count}.
 */
final class SplitSet {
    private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final int MAX_PARTS = 99_999;

    private final Path named;
    private final String stem;
    private final int count;
    private final OptionalLong tensors;

    private SplitSet(Path named, String stem, int count, OptionalLong tensors) {
        this.named = named;
        this.stem = stem;
        this.count = count;
        this.tensors = tensors;
    }

    /** The set that a file belongs to; a file that is not split is a set of one. */
    static SplitSet of(Path path, Metadata metadata) throws GgufFormatException {
        long count = integer(metadata, "split.count").orElse(1);
        if (count == 0 || count == 1) {
            return new SplitSet(path, "", 1, OptionalLong.empty());
        }
        if (count < 0 || count > MAX_PARTS) {
            throw new GgufFormatException("split.count is " + count + ", expected 1 to " + MAX_PARTS, 0);
        }
        Path fileName = path.getFileName();
        Matcher name = NAME.matcher(fileName == null ? "" : fileName.toString());
        if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
            throw new GgufFormatException(
                    "the file is part of a set of " + count + ", so its name must end in -0000N-of-"
                            + String.format("%05d", count) + ".gguf",
                    0);
        }
        return new SplitSet(path, name.group(1), (int) count, integer(metadata, "split.tensors.count"));
    }

    int count() {
        return count;
    }

    /** Path of a part, from 0. */
    Path part(int number) {
        return named.resolveSibling(String.format("%s-%05d-of-%05d.gguf", stem, number + 1, count));
    }

    /** Whether the file found in this place says that it belongs there. */
    void check(int number, Metadata metadata) throws GgufFormatException {
        if (count == 1) {
            return;
        }
        long no = integer(metadata, "split.no").orElse(-1);
        long itsCount = integer(metadata, "split.count").orElse(-1);
        if (no != number || itsCount != count) {
            throw new GgufFormatException(
                    part(number).getFileName() + " says it is part " + no + " of " + itsCount + ", expected part "
                            + number + " of " + count,
                    0);
        }
    }

    void checkTensors(int found) throws GgufFormatException {
        if (tensors.isPresent() && tensors.getAsLong() != found) {
            throw new GgufFormatException(
                    "split.tensors.count is " + tensors.getAsLong() + ", but the parts hold " + found + " tensors", 0);
        }
    }

    private static OptionalLong integer(Metadata metadata, String key) throws GgufFormatException {
        try {
            return metadata.integer(key);
        } catch (IllegalArgumentException e) {
            throw new GgufFormatException(String.valueOf(e.getMessage()), 0);
        }
    }
}
