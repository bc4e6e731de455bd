/**
 * Python's values, as far as chat templates can tell: types, operators, conversion to text, and the methods of {@code str}, {@code dict},
 * {@code list} and numbers. Knows nothing about the template language.
 *
 * <p>Every value is one of: {@link dev.quipu.runtime.template.python.None}, {@link java.lang.Boolean}, {@link java.lang.Long} or
 * {@link java.math.BigInteger} (one {@code int}: a value that fits a {@code long} is always a {@code Long}), {@link java.lang.Double},
 * {@link java.lang.String} or {@link dev.quipu.runtime.template.python.Markup}, {@link java.util.List} ({@code list}),
 * {@link dev.quipu.runtime.template.python.Tuple}, {@link dev.quipu.runtime.template.python.Dict},
 * {@link dev.quipu.runtime.template.python.DictView}, {@link dev.quipu.runtime.template.python.Range},
 * {@link dev.quipu.runtime.template.python.Generator}, {@link dev.quipu.runtime.template.python.Undefined},
 * {@link dev.quipu.runtime.template.python.Callable} or {@link dev.quipu.runtime.template.python.HasAttributes}. Never null.
 * {@link dev.quipu.runtime.template.python.Conversion} makes them from Java's types.
 *
 * <p>Lists and dicts are never changed after they became visible to a template, so they may be shared.
 *
 * <p>Whatever a template can make expensive takes a {@link dev.quipu.runtime.template.python.Budget} and charges it before doing the work.
 */
@NullMarked
package dev.quipu.runtime.template.python;

import org.jspecify.annotations.NullMarked;
