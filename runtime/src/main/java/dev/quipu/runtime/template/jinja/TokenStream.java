package dev.quipu.runtime.template.jinja;

import dev.quipu.runtime.template.jinja.Token.Kind;
import java.util.List;

/** The tokens of a template and how far the parsers are. */
final class TokenStream {
    private final List<Token> tokens;
    private int at;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token lookAhead() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    /** The current token, and goes on to the next; the last one stays. */
    Token next() {
        Token token = tokens.get(at);
        if (at + 1 < tokens.size()) at++;
        return token;
    }

    int line() {
        return current().line();
    }

    boolean isOperator(String operator) {
        return current().isOperator(operator);
    }

    boolean isName(String name) {
        return current().isName(name);
    }

    boolean is(Kind kind) {
        return current().kind() == kind;
    }

    boolean skipOperator(String operator) {
        if (!isOperator(operator)) return false;
        next();
        return true;
    }

    boolean skipName(String name) {
        if (!isName(name)) return false;
        next();
        return true;
    }

    Token expectOperator(String operator) {
        if (!isOperator(operator)) throw expected("'" + operator + "'");
        return next();
    }

    void expectName(String name) {
        if (!skipName(name)) throw expected("'" + name + "'");
    }

    String expectName() {
        if (!is(Kind.NAME)) throw expected("a name");
        return next().text();
    }

    void expect(Kind kind, String description) {
        if (!is(kind)) throw expected(description);
        next();
    }

    JinjaException expected(String what) {
        return error("expected " + what + ", got '" + current().describe() + "'");
    }

    JinjaException error(String message) {
        return new JinjaException(message, line());
    }
}
