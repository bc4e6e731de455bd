package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes statements of tokens. */
final class Parser {
    /** Deepest nesting of blocks. */
    private static final int MAX_NESTING = 100;

    private final TokenStream tokens;
    private final UnknownNames unknown = new UnknownNames();
    private final MacroNames macroNames = new MacroNames();
    private final ExpressionParser expressions;
    private int nesting;
    private int loops; // around the current statement, within the same macro

    private Parser(List<Token> tokens) {
        this.tokens = new TokenStream(tokens);
        this.expressions = new ExpressionParser(this.tokens, unknown, macroNames);
    }

    static Body parse(String template) {
        Parser parser = new Parser(Lexer.tokens(template));
        try {
            Body body = parser.statements("");
            parser.unknown.check();
            return body;
        } catch (JinjaException e) {
            if (e.line() > 0) throw e;
            throw new JinjaException(String.valueOf(e.getMessage()), parser.tokens.line(), e);
        }
    }

    /** Statements up to a block tag with one of the names in {@code ends}, or up to the end if there are none; that tag's name is next. */
    private Body statements(String block, String... ends) {
        if (++nesting > MAX_NESTING) throw tokens.error("blocks nested more than " + MAX_NESTING + " levels deep");
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA -> statements.add(new Data(token.text(), token.line()));
                case VARIABLE_BEGIN -> {
                    statements.add(new Print(expressions.tuple(), token.line()));
                    tokens.expect(Kind.VARIABLE_END, "end of print statement");
                }
                case BLOCK_BEGIN -> {
                    for (String end : ends) {
                        if (tokens.isName(end)) {
                            nesting--;
                            return new Body(statements);
                        }
                    }
                    statements.add(statement(block));
                    tokens.expect(Kind.BLOCK_END, "end of statement block");
                }
                case END -> {
                    if (ends.length > 0) {
                        throw tokens.error("unexpected end of template: the block '" + block + "' lacks its '"
                                + ends[ends.length - 1] + "'");
                    }
                    nesting--;
                    return new Body(statements);
                }
                default -> throw new JinjaException("unexpected '" + token.describe() + "'", token.line());
            }
        }
    }

    /** The body of a block whose tag ends here, and the name of the tag that follows it. */
    private Body body(String block, String... ends) {
        tokens.skipOperator(":");
        tokens.expect(Kind.BLOCK_END, "end of statement block");
        return statements(block, ends);
    }

    /** As {@link #body}, where only one tag can follow; its name is skipped. */
    private Body wholeBody(String block) {
        Body body = body(block, "end" + block);
        tokens.next();
        return body;
    }

    private Statement statement(String enclosing) {
        int line = tokens.line();
        if (!tokens.is(Kind.NAME)) throw tokens.expected("a tag name");
        String tag = tokens.next().text();
        return switch (tag) {
            case "if" -> ifStatement(line);
            case "for" -> forStatement(line);
            case "set" -> setStatement(line);
            case "macro" -> macro(line);
            case "call" -> callBlock(line);
            case "filter" -> filterBlock(line);
            case "with" -> with(line);
            case "print" -> print(line);
            case "generation" -> generation(line);
            case "autoescape" -> autoescape(line);
            case "break", "continue" -> {
                if (loops == 0) throw new JinjaException("'" + tag + "' outside loop", line);
                yield new LoopControl(tag.equals("break") ? Flow.BREAK : Flow.CONTINUE, line);
            }
            case "include", "import", "from", "extends", "block" ->
                throw new JinjaException(
                        "the tag '" + tag + "' is not supported: a chat template stands for itself", line);
            default ->
                throw new JinjaException(
                        "Encountered unknown tag '" + tag + "'."
                                + (enclosing.isEmpty()
                                        ? ""
                                        : " The innermost block that needs to be closed is '" + enclosing + "'."),
                        line);
        };
    }

    private Statement ifStatement(int line) {
        boolean outer = unknown.lenient(true);
        List<Expression> conditions = new ArrayList<>();
        List<Body> bodies = new ArrayList<>();
        Body otherwise = Body.EMPTY;
        while (true) {
            conditions.add(expressions.tupleWithoutConditional());
            bodies.add(body("if", "elif", "else", "endif"));
            String next = tokens.next().text();
            if (next.equals("elif")) continue;
            if (next.equals("else")) otherwise = wholeBody("if");
            break;
        }
        unknown.lenient(outer);
        return new If(conditions, bodies, otherwise, line);
    }

    private Statement forStatement(int line) {
        Target target = target(false);
        tokens.expectName("in");
        Expression iterable = expressions.tupleWithoutConditional();
        boolean outer = unknown.lenient(false);
        Optional<Expression> condition =
                tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        boolean recursive = tokens.skipName("recursive");
        loops++;
        Body body = body("for", "else", "endfor");
        loops--;
        Body otherwise = tokens.next().text().equals("else") ? wholeBody("for") : Body.EMPTY;
        unknown.lenient(outer);
        return new For(target, iterable, condition, recursive, body, otherwise, line);
    }

    private Statement setStatement(int line) {
        Target target = target(true);
        if (tokens.skipOperator("=")) return new SetStatement(target, expressions.tuple(), line);
        boolean outer = unknown.lenient(false);
        Expression filtered = expressions.filters(CaptureBlock.CAPTURED);
        Body body = wholeBody("set");
        unknown.lenient(outer);
        return new CaptureBlock(Optional.of(target), filtered, body, line);
    }

    private Statement filterBlock(int line) {
        boolean outer = unknown.lenient(false);
        Expression filtered = expressions.filterChain(CaptureBlock.CAPTURED);
        Body body = wholeBody("filter");
        unknown.lenient(outer);
        return new CaptureBlock(Optional.empty(), filtered, body, line);
    }

    private Statement macro(int line) {
        String name = assignable();
        MacroNames outer = macroNames.begin();
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        parameters(parameters, defaults);
        Body body = function("macro");
        MacroSignature signature = signature(parameters, defaults);
        macroNames.end(outer);
        return new MacroDefinition(name, signature, body, line);
    }

    private Statement callBlock(int line) {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        if (tokens.isOperator("(")) parameters(parameters, defaults);
        if (!(expressions.expression() instanceof Call call)) throw new JinjaException("expected call", line);
        MacroNames outer = macroNames.begin();
        Body body = function("call");
        MacroSignature signature = signature(parameters, defaults);
        macroNames.end(outer);
        return new CallBlock(signature, call, body, line);
    }

    /** A body that runs somewhere else than where it stands. */
    private Body function(String block) {
        boolean outer = unknown.lenient(false);
        int outerLoops = loops;
        loops = 0;
        Body body = wholeBody(block);
        loops = outerLoops;
        unknown.lenient(outer);
        return body;
    }

    private void parameters(List<String> parameters, List<Expression> defaults) {
        tokens.expectOperator("(");
        while (!tokens.isOperator(")")) {
            if (!parameters.isEmpty()) tokens.expectOperator(",");
            String name = assignable();
            if (parameters.contains(name)) throw tokens.error("duplicate argument '" + name + "'");
            parameters.add(name);
            if (tokens.skipOperator("=")) defaults.add(expressions.expression());
            else if (!defaults.isEmpty()) throw tokens.error("non-default argument follows default argument");
        }
        tokens.next();
    }

    private MacroSignature signature(List<String> parameters, List<Expression> defaults) {
        return new MacroSignature(
                parameters,
                defaults,
                macroNames.caller() && !parameters.contains("caller"),
                macroNames.named() && !parameters.contains("kwargs"),
                macroNames.positional() && !parameters.contains("varargs"));
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.is(Kind.BLOCK_END)) {
            if (!targets.isEmpty()) tokens.expectOperator(",");
            targets.add(target(false));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        boolean outer = unknown.lenient(false);
        Body body = wholeBody("with");
        unknown.lenient(outer);
        return new With(targets, values, body, line);
    }

    private Statement print(int line) {
        List<Statement> prints = new ArrayList<>();
        while (!tokens.is(Kind.BLOCK_END)) {
            if (!prints.isEmpty()) tokens.expectOperator(",");
            prints.add(new Print(expressions.expression(), line));
        }
        return new Body(prints);
    }

    private Statement generation(int line) {
        int outerLoops = loops;
        loops = 0;
        boolean outer = unknown.lenient(false);
        Body body = wholeBody("generation");
        unknown.lenient(outer);
        loops = outerLoops;
        return new ScopedBody(body, line);
    }

    private Statement autoescape(int line) {
        if (!tokens.skipName("false") && !tokens.skipName("False")) {
            throw new JinjaException("'autoescape' is supported with 'false' only", line);
        }
        return new ScopedBody(wholeBody("autoescape"), line);
    }

    /** What is assigned to, one target or several with commas between them. */
    private Target target(boolean namespaces) {
        List<Target> targets = new ArrayList<>();
        boolean tuple = false;
        while (!tokens.is(Kind.BLOCK_END) && !tokens.isOperator(")") && !(tokens.isName("in") && !targets.isEmpty())) {
            targets.add(singleTarget(namespaces));
            if (!tokens.skipOperator(",")) break;
            tuple = true;
        }
        if (targets.isEmpty()) throw tokens.expected("a name to assign to");
        return tuple ? new Target.Unpacking(targets) : targets.get(0);
    }

    private Target singleTarget(boolean namespaces) {
        if (tokens.skipOperator("(")) {
            if (++nesting > MAX_NESTING) throw tokens.error("nested more than " + MAX_NESTING + " levels deep");
            Target inner = target(false);
            nesting--;
            tokens.expectOperator(")");
            return inner;
        }
        if (namespaces && tokens.is(Kind.NAME) && tokens.lookAhead().isOperator(".")) {
            String namespace = tokens.expectName();
            tokens.next();
            return new Target.NamespaceAttribute(namespace, tokens.expectName());
        }
        return new Target.Variable(assignable());
    }

    private String assignable() {
        String name = tokens.expectName();
        return switch (name) {
            case "true", "false", "none", "True", "False", "None" ->
                throw tokens.error("can't assign to '" + name + "'");
            default -> name;
        };
    }
}
