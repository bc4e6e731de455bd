package dev.quipu.bench.throughput;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists of numbers as llama-bench takes them: {@code 1,2,8}, {@code 1-8}, {@code 0-4096+1024}, {@code 1-64*2}. */
final class Numbers {
    private static final Pattern ITEM = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9})(?:([+*])(\\d{1,9}))?)?");

    private Numbers() {}

    /** The numbers of each text in turn. */
    static List<Integer> parse(String option, List<String> texts) {
        List<Integer> numbers = new ArrayList<>();
        for (String text : texts) {
            for (String item : text.split(",", -1)) {
                add(option, item.strip(), numbers);
            }
        }
        return numbers;
    }

    private static void add(String option, String item, List<Integer> numbers) {
        Matcher matcher = ITEM.matcher(item);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    option + " must be numbers or ranges (first-last, first-last+step, first-last*factor), not '" + item
                            + "'");
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        boolean factor = "*".equals(matcher.group(3));
        int step = matcher.group(4) == null ? 1 : Integer.parseInt(matcher.group(4));
        if (last < first || step == 0 || factor && (step == 1 || first == 0)) {
            throw new IllegalArgumentException(option + ": the range " + item + " never ends, or never begins");
        }
        for (long number = first; number <= last; number = factor ? number * step : number + step) {
            numbers.add((int) number);
        }
    }
}
