package dev.quipu.kvcache.eviction;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much an evicting cache keeps, sinks and recent window included. */
public sealed interface KvBudget {
    /**
     * Cells per KV head on average.
     *
     * @param positions tokens seen so far
     * @param pageBytes bytes of a page of 64 cells
     * @param heads KV heads of all layers
     */
    int cells(int positions, long pageBytes, int heads);

    /** Everything. */
    record All() implements KvBudget {
        @Override
        public int cells(int positions, long pageBytes, int heads) {
            return Integer.MAX_VALUE;
        }
    }

    /** A share of the tokens seen so far, above 0 and at most 1. */
    record Share(double share) implements KvBudget {
        public Share {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("budget of " + share * 100 + " %");
            }
        }

        @Override
        public int cells(int positions, long pageBytes, int heads) {
            return (int) Math.round(share * positions);
        }
    }

    /** A number of tokens. */
    record Tokens(int tokens) implements KvBudget {
        public Tokens {
            if (tokens < 1) {
                throw new IllegalArgumentException("budget of " + tokens + " tokens");
            }
        }

        @Override
        public int cells(int positions, long pageBytes, int heads) {
            return tokens;
        }
    }

    /** Bytes of pages. Heads each leave half a tile of 16 cells unused on average, which is set aside. */
    record Bytes(long bytes) implements KvBudget {
        public Bytes {
            if (bytes < 1) {
                throw new IllegalArgumentException("budget of " + bytes + " bytes");
            }
        }

        @Override
        public int cells(int positions, long pageBytes, int heads) {
            double cells = (double) bytes / pageBytes * 64 / heads - 8;
            return (int) Math.clamp(cells, 1, Integer.MAX_VALUE);
        }
    }

    /** Reads {@code all}, {@code 20%}, {@code 1024} (tokens) or {@code 64MiB}. */
    static KvBudget parse(String text) {
        if (text.strip().equalsIgnoreCase("all")) {
            return new All();
        }
        Matcher parts = Pattern.compile("(\\d+)|(\\d+(?:\\.\\d+)?)\\s*(%|KiB|MiB|GiB)", Pattern.CASE_INSENSITIVE)
                .matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no KV budget; write a share (20%), tokens (1024), bytes (64MiB) or all");
        }
        if (parts.group(1) != null) {
            return new Tokens((int) Math.min(Double.parseDouble(parts.group(1)), Integer.MAX_VALUE));
        }
        double number = Double.parseDouble(parts.group(2));
        return switch (parts.group(3).toLowerCase(Locale.ROOT)) {
            case "%" -> new Share(number / 100);
            case "kib" -> new Bytes((long) (number * 1024));
            case "mib" -> new Bytes((long) (number * 1024 * 1024));
            default -> new Bytes((long) (number * 1024 * 1024 * 1024));
        };
    }
}
