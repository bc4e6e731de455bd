package dev.quipu.runtime.template.python;

import java.util.Iterator;

/** What {@code dict.keys()}, {@code dict.values()} and {@code dict.items()} return. */
public record DictView(Kind kind, Dict dict) {
    /** Which side of the entries. */
    public enum Kind {
        KEYS,
        VALUES,
        ITEMS;

        String typeName() {
            return switch (this) {
                case KEYS -> "dict_keys";
                case VALUES -> "dict_values";
                case ITEMS -> "dict_items";
            };
        }
    }

    public Iterator<Object> iterator() {
        return switch (kind) {
            case KEYS -> dict.keys().iterator();
            case VALUES -> dict.values().iterator();
            case ITEMS -> dict.items();
        };
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
