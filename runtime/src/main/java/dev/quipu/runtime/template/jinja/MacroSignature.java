package dev.quipu.runtime.template.jinja;

import java.util.List;

/**
 * What a macro takes.
 *
 * @param parameters their names
 * @param defaults values of the last parameters
 * @param usesCaller whether the body mentions {@code caller}, and so on
 */
record MacroSignature(
        List<String> parameters,
        List<Expression> defaults,
        boolean usesCaller,
        boolean usesNamed,
        boolean usesPositional) {}
