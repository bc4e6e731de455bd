package dev.quipu.gguf;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that one model is split into: {@code NAME-00001-of-00003.gguf} and so on, with the metadata keys
 * {@code split.count}, {@code split.no} (from 0) and {@code split.tensors.count}.
 */
final class SplitSet {
    private static final String COUNT = "split.count";
    private static final String NUMBER = "split.no";
    private static final String TENSORS = "split.tensors.count";
    private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.DOTALL);
    private static final int MAX_PARTS = 99_999;

    private final Path named;
    private final String stem;
    private final int number;
    private final int count;

    private SplitSet(Path named, String stem, int number, int count) {
        this.named = named;
        this.stem = stem;
        this.number = number;
        this.count = count;
    }

    /** The set that a file belongs to; a file that is not split is a set of one. */
    static SplitSet of(Path path, GgufReader.Head head) throws GgufFormatException {
        long count = integer(head, COUNT).orElse(1);
        if (count == 0 || count == 1) {
            return new SplitSet(path, "", 0, 1);
        }
        if (count < 0 || count > MAX_PARTS) {
            throw new GgufFormatException(
                    COUNT + " is " + count + ", expected 1 to " + MAX_PARTS, head.offsetOf(COUNT));
        }
        Path fileName = path.getFileName();
        Matcher name = NAME.matcher(fileName == null ? "" : fileName.toString());
        if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
            throw new GgufFormatException(
                    "the file is part of a set of " + count + ", so its name must end in -0000N-of-"
                            + String.format(Locale.ROOT, "%05d", count) + ".gguf",
                    head.offsetOf(COUNT));
        }
        int number = Integer.parseInt(name.group(2)) - 1;
        if (number < 0 || number >= count) {
            throw new GgufFormatException(
                    "the name says that this is part " + (number + 1) + " of " + count, head.offsetOf(COUNT));
        }
        return new SplitSet(path, name.group(1), number, (int) count);
    }

    int count() {
        return count;
    }

    /** Which part, from 0, the set was found by. */
    int number() {
        return number;
    }

    /** Path of a part, from 0. */
    Path part(int part) {
        return part == number
                ? named
                : named.resolveSibling(String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", stem, part + 1, count));
    }

    /** Whether the file found in this place says that it belongs there. */
    void check(int part, GgufReader.Head head) throws GgufFormatException {
        if (count == 1) {
            return;
        }
        OptionalLong itsNumber = integer(head, NUMBER);
        OptionalLong itsCount = integer(head, COUNT);
        if (itsNumber.isEmpty() || itsCount.isEmpty()) {
            throw new GgufFormatException(
                    "the name says that this is part " + (part + 1) + " of " + count + ", but metadata "
                            + (itsNumber.isEmpty() ? NUMBER : COUNT) + " is missing",
                    0);
        }
        if (itsNumber.getAsLong() != part || itsCount.getAsLong() != count) {
            throw new GgufFormatException(
                    "by its metadata this is part " + (itsNumber.getAsLong() + 1) + " of " + itsCount.getAsLong()
                            + ", by its name part " + (part + 1) + " of " + count,
                    head.offsetOf(NUMBER));
        }
    }

    /** Whether the set holds as many tensors as its part says. */
    void checkTensors(GgufReader.Head head, long found) throws GgufFormatException {
        OptionalLong tensors = count == 1 ? OptionalLong.empty() : integer(head, TENSORS);
        if (tensors.isPresent() && tensors.getAsLong() != found) {
            throw new GgufFormatException(
                    TENSORS + " is " + tensors.getAsLong() + ", but the parts hold " + found + " tensors",
                    head.offsetOf(TENSORS));
        }
    }

    private static OptionalLong integer(GgufReader.Head head, String key) throws GgufFormatException {
        try {
            return head.metadata().integer(key);
        } catch (IllegalArgumentException e) {
            throw new GgufFormatException(String.valueOf(e.getMessage()), head.offsetOf(key));
        }
    }
}
