package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.python.Iteration;
import dev.quipu.runtime.template.python.Truth;
import dev.quipu.runtime.template.python.Undefined;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code for target in iterable if condition recursive}, with {@code else} for no elements. Every round has a scope of its own. */
final class For extends Statement {
    private final Target target;
    private final Expression iterable;
    private final Optional<Expression> condition;
    private final boolean recursive;
    private final Body body;
    private final Body otherwise;

    For(
            Target target,
            Expression iterable,
            Optional<Expression> condition,
            boolean recursive,
            Body body,
            Body otherwise,
            int line) {
        super(
                line,
                Stream.concat(Stream.of(iterable, body, otherwise), condition.stream())
                        .toList());
        this.target = target;
        this.iterable = iterable;
        this.condition = condition;
        this.recursive = recursive;
        this.body = body;
        this.otherwise = otherwise;
    }

    @Override
    Flow run(Scope scope) {
        return loop(evaluate(iterable, scope), 0, scope);
    }

    private Flow loop(Object elements, int depth, Scope scope) {
        Iterator<Object> iterator = Iteration.iterator(elements);
        int length = condition.isPresent() ? -1 : Iteration.lengthOrNegative(elements);
        if (condition.isPresent()) iterator = filtered(iterator, condition.get(), scope);
        LoopVariable loop =
                new LoopVariable(iterator, length, depth, recursive ? inner -> recurse(inner, depth + 1, scope) : null);
        boolean none = true;
        while (loop.advance()) {
            scope.rendering().budget().step();
            none = false;
            Scope round = new Scope(scope);
            round.set("loop", loop);
            target.assign(loop.current(), round);
            if (body.run(round) == Flow.BREAK) break;
        }
        return none && !otherwise.isEmpty() ? otherwise.run(new Scope(scope)) : Flow.NEXT;
    }

    /** {@code loop(inner)}: what the loop writes for another iterable. */
    private String recurse(Object inner, int depth, Scope scope) {
        Rendering rendering = scope.rendering();
        rendering.budget().descend(height());
        StringBuilder outer = rendering.beginCapture();
        loop(inner, depth, scope);
        rendering.budget().ascend(height());
        return rendering.endCapture(outer);
    }

    /** The elements that meet the condition, which is asked only when an element's turn comes. */
    private Iterator<Object> filtered(Iterator<Object> elements, Expression test, Scope scope) {
        return new Iterator<>() {
            private boolean found;
            private Object next = Undefined.because("no element");

            @Override
            public boolean hasNext() {
                while (!found && elements.hasNext()) {
                    next = elements.next();
                    Scope round = new Scope(scope);
                    round.set(
                            "loop",
                            Undefined.because(
                                    "'loop' is undefined. the filter section of a loop as well as"
                                            + " the else block don't have access to the special 'loop' variable of the current loop."));
                    target.assign(next, round);
                    found = Truth.of(evaluate(test, round));
                }
                return found;
            }

            @Override
            public Object next() {
                if (!hasNext()) throw new NoSuchElementException();
                found = false;
                return next;
            }
        };
    }
}
