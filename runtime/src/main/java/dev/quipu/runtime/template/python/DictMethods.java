package dev.quipu.runtime.template.python;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Methods of {@code dict}; those that change it are out of bounds for templates. */
final class DictMethods {
    private DictMethods() {}

    static @Nullable Object find(Dict dict, String name) {
        BoundMethod.Method method =
                switch (name) {
                    case "get" -> DictMethods::get;
                    case "items" -> DictMethods::items;
                    case "keys" -> DictMethods::keys;
                    case "values" -> DictMethods::values;
                    case "copy" -> DictMethods::copy;
                    case "fromkeys" -> DictMethods::fromKeys;
                    default -> null;
                };
        if (method != null) return new BoundMethod(name, dict, method);
        return switch (name) {
            case "clear", "pop", "popitem", "setdefault", "update", "__class__" -> Undefined.unsafe(dict, name);
            default -> null;
        };
    }

    private static Object get(Object dict, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("get", 1, "", "");
        Object value = ((Dict) dict).get(bound.get(0), budget);
        return value != null ? value : bound.or(1, None.NONE);
    }

    private static Object items(Object dict, Arguments arguments, Budget budget) {
        arguments.bindNothing("items");
        return new DictView(DictView.Kind.ITEMS, (Dict) dict);
    }

    private static Object keys(Object dict, Arguments arguments, Budget budget) {
        arguments.bindNothing("keys");
        return new DictView(DictView.Kind.KEYS, (Dict) dict);
    }

    private static Object values(Object dict, Arguments arguments, Budget budget) {
        arguments.bindNothing("values");
        return new DictView(DictView.Kind.VALUES, (Dict) dict);
    }

    private static Object copy(Object dict, Arguments arguments, Budget budget) {
        arguments.bindNothing("copy");
        return dict;
    }

    private static Object fromKeys(Object dict, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("fromkeys", 1, "", "");
        Object value = bound.or(1, None.NONE);
        Dict made = new Dict();
        for (Iterator<Object> keys = Iteration.iterator(bound.get(0)); keys.hasNext(); ) {
            budget.elements(2);
            made.put(keys.next(), value, budget);
        }
        return made;
    }
}
