package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Arguments;
import dev.quipu.runtime.template.python.Budget;

/** What {@code value is test(arguments)} asks. */
interface Test {
    boolean holds(Object value, Arguments arguments, Budget budget);
}
