package dev.quipu.runtime.template.python;

import java.util.List;

/** Python's idea of true and false. */
public final class Truth {
    private Truth() {}

    public static boolean of(Object value) {
        if (value instanceof Boolean b) return b;
        if (value instanceof String s) return !s.isEmpty();
        if (value instanceof List<?> l) return !l.isEmpty();
        if (value instanceof Dict d) return !d.isEmpty();
        if (value instanceof Undefined || value == None.NONE) return false;
        if (value instanceof Long n) return n != 0;
        if (value instanceof Double d) return d != 0;
        if (value instanceof Markup m) return !m.text().isEmpty();
        if (value instanceof Tuple t) return !t.items().isEmpty();
        if (value instanceof Range r) return r.length() != 0;
        if (value instanceof DictView v) return !v.dict().isEmpty();
        return true; // a BigInteger here is beyond long, hence not 0
    }
}
