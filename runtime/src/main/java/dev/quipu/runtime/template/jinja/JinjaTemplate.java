package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Budget;
import dev.quipu.runtime.template.python.Conversion;
import dev.quipu.runtime.template.python.Limits;
import dev.quipu.runtime.template.python.PythonError;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A parsed template. Can be rendered any number of times, by several threads at once. */
public final class JinjaTemplate {
    private final Body body;

    private JinjaTemplate(Body body) {
        this.body = body;
    }

    /** Parses a template; fails with {@link JinjaException} alone. */
    public static JinjaTemplate parse(String source) {
        try {
            return new JinjaTemplate(Parser.parse(source));
        } catch (PythonError e) {
            throw new JinjaException(String.valueOf(e.getMessage()), 1, e);
        } catch (StackOverflowError e) {
            throw new JinjaException("nested too deeply for the stack of this thread", 1, e);
        }
    }

    /**
     * Renders it; fails with {@link JinjaException} alone.
     *
     * @param variables what it sees; values as {@link Conversion} takes them, else IllegalArgumentException
     * @param clock what {@code strftime_now} reads
     */
    public String render(Map<String, ? extends @Nullable Object> variables, Limits limits, Clock clock) {
        Budget budget = new Budget(limits);
        Rendering rendering = new Rendering(budget);
        try {
            Map<String, Object> values = new HashMap<>();
            variables.forEach((name, value) -> values.put(name, Conversion.of(value, budget)));
            Scope context = new Scope(new Scope(rendering, Globals.of(clock)), values);
            budget.descend(body.height());
            body.run(new Scope(context));
            return rendering.output();
        } catch (PythonError e) {
            throw new JinjaException(String.valueOf(e.getMessage()), rendering.line(), e);
        } catch (StackOverflowError e) {
            throw new JinjaException("nested too deeply for the stack of this thread", rendering.line(), e);
        }
    }
}
