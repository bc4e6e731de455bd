package dev.quipu.runtime.template.python;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** A dict as named arguments. */
public final class NamedValues {
    private NamedValues() {}

    public static Map<String, Object> of(Dict dict, String function) {
        Map<String, Object> named = LinkedHashMap.newLinkedHashMap(dict.size());
        Iterator<Object> values = dict.values().iterator();
        for (Object key : dict.keys()) {
            if (!Types.isText(key)) throw PythonError.typeError(function + "() keywords must be strings");
            named.put(key.toString(), values.next());
        }
        return named;
    }
}
