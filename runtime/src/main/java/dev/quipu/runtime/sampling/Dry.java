package dev.quipu.runtime.sampling;

import java.util.Arrays;
import java.util.List;

/**
 * DRY, "don't repeat yourself" (p-e-w, text-generation-webui pull request 5677): a token that would lengthen a repetition
 * of the sequence's end by one is made less likely, exponentially in the length of the repetition. Breakers are token
 * sequences that no repetition reaches across.
 *
 * <p>Lengths of repetitions are the Z function of the reversed sequence: linear in its length.
 */
final class Dry implements SamplerStage {
    /** exp of more than this is not a float. */
    private static final double MAX_EXPONENT = 88.7228391;

    private final float multiplier;
    private final float base;
    private final int allowedLength;
    private final List<int[]> breakers;
    private final RecentTokens recent;
    private final int[] repeats;
    private final int[] longest;

    /** @param breakers token sequences, in reading order */
    Dry(float multiplier, float base, int allowedLength, int lastTokens, List<int[]> breakers, int vocabulary) {
        this.multiplier = multiplier;
        this.base = base;
        this.allowedLength = allowedLength;
        this.breakers = breakers;
        recent = new RecentTokens(lastTokens);
        repeats = new int[lastTokens];
        longest = new int[vocabulary];
    }

    @Override
    public void apply(Candidates candidates) {
        int n = recent.size();
        int limit = tokensSinceBreaker(n);
        if (n <= allowedLength || limit < allowedLength) {
            return;
        }
        countRepeats(n, limit);
        for (int back = 1; back < n; back++) {
            int token = recent.get(back - 1);
            longest[token] = Math.max(longest[token], repeats[back]);
        }
        double maxExponent = base > 1.000001f ? MAX_EXPONENT / Math.log(base) : Double.MAX_VALUE;
        for (int back = 1; back < n; back++) {
            int token = recent.get(back - 1);
            int at = longest[token] >= allowedLength ? candidates.indexOf(token) : -1;
            if (at >= 0) {
                double exponent = Math.min(maxExponent, longest[token] - allowedLength);
                candidates.setLogit(at, (float) (candidates.logit(at) - multiplier * Math.pow(base, exponent)));
            }
            longest[token] = 0;
        }
    }

    /** How many of the newest tokens no breaker has ended. */
    private int tokensSinceBreaker(int n) {
        for (int back = 0; back < n; back++) {
            for (int[] breaker : breakers) {
                if (occurs(breaker, back, n)) {
                    return back;
                }
            }
        }
        return n;
    }

    /** Whether the breaker's last token is {@code back} tokens before the newest. */
    private boolean occurs(int[] breaker, int back, int n) {
        if (back + breaker.length > n) {
            return false;
        }
        for (int i = 0; i < breaker.length; i++) {
            if (recent.get(back + i) != breaker[breaker.length - 1 - i]) {
                return false;
            }
        }
        return true;
    }

    /** repeats[back] = length, up to the limit, of what ends both {@code back} tokens ago and now. */
    private void countRepeats(int n, int limit) {
        Arrays.fill(repeats, 0, n, 0);
        int left = 0;
        int right = 0;
        for (int i = 1; i < n; i++) {
            int z = i < right ? Math.min(right - i, repeats[i - left]) : 0;
            while (i + z < n && recent.get(z) == recent.get(i + z)) {
                z++;
            }
            repeats[i] = z;
            if (i + z > right) {
                left = i;
                right = i + z;
            }
        }
        for (int i = 1; i < n; i++) {
            repeats[i] = Math.min(repeats[i], limit);
        }
    }

    @Override
    public void accept(int token) {
        if (token >= 0 && token < longest.length) {
            recent.add(token);
        }
    }

    @Override
    public void reset() {
        recent.clear();
    }
}
