package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;

/** What {@code value|filter(arguments)} does. */
interface Filter {
    Object apply(Object value, Arguments arguments, Budget budget);
}
