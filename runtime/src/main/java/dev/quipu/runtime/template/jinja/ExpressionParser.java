package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.jinja.Token.Kind;
import dev.quipu.runtime.template.python.None;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes expressions of tokens; one method for each level of precedence, loosest first. */
final class ExpressionParser {
    /** Deepest nesting of brackets and the like. */
    private static final int MAX_NESTING = 150;

    private static final Literal NONE = new Literal(None.NONE);

    private final TokenStream tokens;
    private final UnknownNames unknown;
    private final MacroNames macroNames;
    private int nesting;

    ExpressionParser(TokenStream tokens, UnknownNames unknown, MacroNames macroNames) {
        this.tokens = tokens;
        this.unknown = unknown;
        this.macroNames = macroNames;
    }

    /** An expression, or several with commas between them, which are a tuple. */
    Expression tuple() {
        return tuple(true, false);
    }

    /** As {@link #tuple()}, but without {@code if … else} outside brackets, and in a loop's head. */
    Expression tupleWithoutConditional() {
        return tuple(false, false);
    }

    private Expression tuple(boolean conditional, boolean parenthesised) {
        List<Expression> items = new ArrayList<>();
        boolean tuple = false;
        while (!endsTuple()) {
            items.add(conditional ? expression() : orChain());
            if (!tokens.skipOperator(",")) break;
            tuple = true;
        }
        if (!tuple && !items.isEmpty()) return items.get(0);
        if (!tuple && !parenthesised) throw tokens.expected("an expression");
        return new SequenceLiteral(true, items);
    }

    private boolean endsTuple() {
        return tokens.is(Kind.VARIABLE_END)
                || tokens.is(Kind.BLOCK_END)
                || tokens.isOperator(")")
                || tokens.isName("recursive");
    }

    Expression expression() {
        enter();
        int mark = unknown.mark();
        Expression value = orChain();
        while (tokens.skipName("if")) {
            Expression condition = orChain();
            Optional<Expression> otherwise = tokens.skipName("else") ? Optional.of(expression()) : Optional.empty();
            value = new Conditional(condition, value, otherwise);
            unknown.forgive(mark);
        }
        nesting--;
        return value;
    }

    private Expression orChain() {
        Expression first = andChain();
        if (!tokens.isName("or")) return first;
        List<Expression> operands = new ArrayList<>(List.of(first));
        while (tokens.skipName("or")) operands.add(andChain());
        return new AndOr(false, operands);
    }

    private Expression andChain() {
        Expression first = negation();
        if (!tokens.isName("and")) return first;
        List<Expression> operands = new ArrayList<>(List.of(first));
        while (tokens.skipName("and")) operands.add(negation());
        return new AndOr(true, operands);
    }

    private Expression negation() {
        if (!tokens.skipName("not")) return comparison();
        enter();
        Expression operand = negation();
        nesting--;
        return new Unary("not", operand);
    }

    private Expression comparison() {
        Expression first = sum();
        List<Expression> operands = new ArrayList<>(2);
        List<String> operators = new ArrayList<>(1);
        operands.add(first);
        while (true) {
            String operator = comparisonOperator();
            if (operator.isEmpty()) break;
            operators.add(operator);
            operands.add(sum());
        }
        return operators.isEmpty() ? first : new Comparisons(operands, operators);
    }

    /** Skips and returns a comparison operator; empty if there is none. */
    private String comparisonOperator() {
        Token token = tokens.current();
        if (token.kind() == Kind.OPERATOR) {
            return switch (token.text()) {
                case "==", "!=", "<", "<=", ">", ">=" -> tokens.next().text();
                default -> "";
            };
        }
        if (tokens.skipName("in")) return "in";
        if (tokens.isName("not") && tokens.lookAhead().isName("in")) {
            tokens.next();
            tokens.next();
            return "not in";
        }
        return "";
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            left = new Arithmetic(tokens.next().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!tokens.isOperator("~")) return first;
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) parts.add(product());
        return new Concatenation(parts);
    }

    private Expression product() {
        Expression left = power();
        while (tokens.isOperator("*") || tokens.isOperator("/") || tokens.isOperator("//") || tokens.isOperator("%")) {
            left = new Arithmetic(tokens.next().text(), left, power());
        }
        return left;
    }

    /** Groups from the left, unlike Python's. */
    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) left = new Arithmetic("**", left, unary(true));
        return left;
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (tokens.isOperator("-") || tokens.isOperator("+")) {
            String operator = tokens.next().text();
            enter();
            value = new Unary(operator, unary(false));
            nesting--;
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filtersAndTests(value) : value;
    }

    private Expression primary() {
        Token token = tokens.current();
        switch (token.kind()) {
            case NAME -> {
                tokens.next();
                return switch (token.text()) {
                    case "true", "True" -> new Literal(true);
                    case "false", "False" -> new Literal(false);
                    case "none", "None" -> NONE;
                    default -> {
                        macroNames.mentioned(token.text());
                        yield new Name(token.text());
                    }
                };
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (tokens.is(Kind.STRING)) text.append(tokens.next().text());
                return new Literal(text.toString());
            }
            case NUMBER -> {
                return new Literal(tokens.next().value());
            }
            case OPERATOR -> {
                switch (token.text()) {
                    case "(" -> {
                        tokens.next();
                        enter();
                        Expression inner = tuple(true, true);
                        nesting--;
                        tokens.expectOperator(")");
                        return inner;
                    }
                    case "[" -> {
                        tokens.next();
                        return new SequenceLiteral(false, listItems());
                    }
                    case "{" -> {
                        tokens.next();
                        return dict();
                    }
                    default -> throw tokens.expected("an expression");
                }
            }
            default -> throw tokens.expected("an expression");
        }
    }

    private List<Expression> listItems() {
        List<Expression> items = new ArrayList<>();
        while (!tokens.isOperator("]")) {
            items.add(expression());
            if (!tokens.isOperator("]")) tokens.expectOperator(",");
        }
        tokens.next();
        return items;
    }

    private Expression dict() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.isOperator("}")) {
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
            if (!tokens.isOperator("}")) tokens.expectOperator(",");
        }
        tokens.next();
        return new DictLiteral(keys, values);
    }

    private Expression postfix(Expression value) {
        while (true) {
            if (tokens.isOperator(".")) value = attribute(value);
            else if (tokens.isOperator("[")) value = subscript(value);
            else if (tokens.isOperator("(")) value = call(value);
            else return value;
        }
    }

    private Expression attribute(Expression owner) {
        tokens.next();
        Token name = tokens.next();
        if (name.kind() == Kind.NAME) return new Attribute(owner, name.text());
        if (name.kind() == Kind.NUMBER && !(name.value() instanceof Double)) {
            return new Subscript(owner, new Literal(name.value()));
        }
        throw new JinjaException("expected name or number after '.', got '" + name.describe() + "'", name.line());
    }

    private Expression subscript(Expression owner) {
        tokens.next();
        Optional<Expression> key = Optional.empty();
        if (!tokens.isOperator(":")) {
            if (tokens.isOperator("]")) throw tokens.expected("an expression");
            key = Optional.of(expression());
        }
        if (tokens.skipOperator(":")) {
            Expression stop = sliceBound();
            Expression step = tokens.skipOperator(":") ? sliceBound() : NONE;
            tokens.expectOperator("]");
            return new Slice(owner, key.orElse(NONE), stop, step);
        }
        Expression only = key.orElseThrow();
        if (tokens.isOperator(",")) {
            List<Expression> items = new ArrayList<>(List.of(only));
            while (tokens.skipOperator(",")) items.add(expression());
            only = new SequenceLiteral(true, items);
        }
        tokens.expectOperator("]");
        return new Subscript(owner, only);
    }

    private Expression sliceBound() {
        return tokens.isOperator(":") || tokens.isOperator("]") ? NONE : expression();
    }

    private Expression call(Expression function) {
        int line = tokens.line();
        return new Call(function, arguments(), line);
    }

    private Expression filtersAndTests(Expression value) {
        while (true) {
            if (tokens.isOperator("|")) value = filter(value);
            else if (tokens.isName("is")) value = test(value);
            else if (tokens.isOperator("(")) value = call(value);
            else return value;
        }
    }

    /** One filter, after its bar. */
    private Expression filter(Expression value) {
        tokens.next();
        return namedFilter(value);
    }

    /** {@code name(arguments) | more filters}: what a filter block begins with. */
    Expression filterChain(Expression value) {
        return filters(namedFilter(value));
    }

    /** Any number of filters, each after a bar. */
    Expression filters(Expression value) {
        while (tokens.isOperator("|")) value = filter(value);
        return value;
    }

    private Expression namedFilter(Expression value) {
        int line = tokens.line();
        String name = dottedName();
        ArgumentList arguments = tokens.isOperator("(") ? arguments() : ArgumentList.EMPTY;
        if (Filters.find(name) == null) unknown.add("No filter named '" + name + "'.", line);
        return new FilterCall(value, name, arguments);
    }

    private Expression test(Expression value) {
        tokens.next();
        boolean negated = tokens.skipName("not");
        int line = tokens.line();
        String name = dottedName();
        ArgumentList arguments = ArgumentList.EMPTY;
        if (tokens.isOperator("(")) {
            arguments = arguments();
        } else if (startsTestArgument()) {
            if (tokens.isName("is")) throw tokens.error("You cannot chain multiple tests with is");
            Expression argument = postfix(primary());
            arguments = new ArgumentList(List.of(argument), Map.of(), Optional.empty(), Optional.empty());
        }
        if (Tests.find(name) == null) unknown.add("No test named '" + name + "'.", line);
        Expression test = new TestCall(value, name, arguments);
        return negated ? new Unary("not", test) : test;
    }

    private boolean startsTestArgument() {
        return switch (tokens.current().kind()) {
            case STRING, NUMBER -> true;
            case NAME -> !tokens.isName("else") && !tokens.isName("or") && !tokens.isName("and");
            case OPERATOR -> tokens.isOperator("[") || tokens.isOperator("{");
            default -> false;
        };
    }

    private String dottedName() {
        String name = tokens.expectName();
        if (!tokens.isOperator(".")) return name;
        StringBuilder dotted = new StringBuilder(name);
        while (tokens.skipOperator(".")) dotted.append('.').append(tokens.expectName());
        return dotted.toString();
    }

    private ArgumentList arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Optional<Expression> star = Optional.empty();
        Optional<Expression> doubleStar = Optional.empty();
        while (!tokens.isOperator(")")) {
            if (tokens.isOperator("*") && star.isEmpty() && doubleStar.isEmpty()) {
                tokens.next();
                star = Optional.of(expression());
            } else if (tokens.isOperator("**") && doubleStar.isEmpty()) {
                tokens.next();
                doubleStar = Optional.of(expression());
            } else if (tokens.is(Kind.NAME) && tokens.lookAhead().isOperator("=") && doubleStar.isEmpty()) {
                String name = tokens.next().text();
                tokens.next();
                if (named.put(name, expression()) != null) throw tokens.error("keyword argument repeated: " + name);
            } else if (star.isEmpty() && doubleStar.isEmpty() && named.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.error("invalid syntax for function call expression");
            }
            if (!tokens.isOperator(")")) tokens.expectOperator(",");
        }
        tokens.next();
        if (positional.isEmpty() && named.isEmpty() && star.isEmpty() && doubleStar.isEmpty())
            return ArgumentList.EMPTY;
        return new ArgumentList(positional, named, star, doubleStar);
    }

    private void enter() {
        if (++nesting > MAX_NESTING) throw tokens.error("nested more than " + MAX_NESTING + " levels deep");
    }
}
