/**
 * Jinja as chat templates use it: the semantics of Python's Jinja2 3.1 with {@code ImmutableSandboxedEnvironment(trim_blocks, lstrip_blocks)},
 * loop controls, {@code generation} blocks and Hugging Face's {@code tojson}, {@code raise_exception} and {@code strftime_now}.
 *
 * <p>{@link dev.quipu.runtime.template.jinja.Lexer} cuts the source into tokens, {@link dev.quipu.runtime.template.jinja.Parser} makes a tree of
 * statements, {@link dev.quipu.runtime.template.jinja.ExpressionParser} one of expressions, and rendering walks them:
 * {@link dev.quipu.runtime.template.jinja.Statement#run} writes to the {@link dev.quipu.runtime.template.jinja.Rendering},
 * {@link dev.quipu.runtime.template.jinja.Expression#evaluate} returns a value. {@link dev.quipu.runtime.template.jinja.JinjaTemplate} is the way in.
 *
 * <p>Left out: template inheritance, includes and imports (there is no second template), and the filters {@code pprint} and {@code urlize}.
 */
@NullMarked
package dev.quipu.runtime.template.jinja;

import org.jspecify.annotations.NullMarked;
