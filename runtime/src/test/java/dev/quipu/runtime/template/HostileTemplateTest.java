package dev.quipu.runtime.template;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipu.runtime.template.python.Limits;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that would take for ever, fill the memory, the stack, or reach what is not theirs. */
final class HostileTemplateTest {
    private static final Limits SMALL = new Limits(200_000, 1_000_000, 1_200);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
                "{% for i in range(10**9) %}{% endfor %}",
                "{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
                "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
                "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
                "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}"
                        + "{{ n.x|tojson }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(99) }}",
                "{{ 'a' * 10**9 }}",
                "{{ 'a' * 10**18 }}",
                "{{ [0] * 10**9 }}",
                "{{ 2**99999999 }}",
                "{{ (2**9999)**9999 }}",
                "{{ '%999999999d' % 1 }}",
                "{{ '{:999999999}'.format(1) }}",
                "{{ 'a'|center(999999999) }}",
                "{{ 'x'.zfill(10**9) }}",
                "{{ 'a'|indent(10**9, true) }}",
                "{{ [1]|batch(10**9, 1)|list }}",
                "{{ ('a' * 10000)|replace('a', 'b' * 10000) }}",
                "{{ (('a' * 100000) ~ 'b').find('a' * 50000 ~ 'c') }}",
                "{{ ('a' * 50000 ~ 'c') in ('a' * 100000) }}",
                "{{ ('a' * 100000).split('a' * 50000 ~ 'c') }}",
                "{% for i in range(99999) %}{{ 'abcdefghij' * 1000 }}{% endfor %}",
            })
    void isStopped(String template) {
        assertThatThrownBy(() -> ChatTemplate.of(template, SpecialTokens.NONE)
                        .withLimits(SMALL)
                        .render(List.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageMatching("chat template, line 1: (.*more than \\d+.*|.*too (big|large).*)");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "{{ ,(,1,) }}",
                "{{ ,[,,]}}",
                "{{ ,\"not \",1, }}",
                "{{ ,-,1, }}",
                "{{ 1,+1,, }}",
                "{{ a,.a,, }}",
                "{{ 'a',|upper,, }}",
                "{{ 1, if 1 else 1,, }}",
                "\"\",{% if 1 %},\"\",\"\"",
                "\"\",{% for i in x %},\"\",\"\"",
                "{{ 2,**2,, }}",
                "{{ a,[0],, }}",
                "{{ a,(),, }}",
            })
    void isNotParsedWithoutBounds(String before, String repeated, String middle, String after) {
        String template = before + repeated.repeat(50_000) + (middle == null ? "" : middle) + after;
        assertThatThrownBy(() -> ChatTemplate.of(template, SpecialTokens.NONE).render(List.of()))
                .isInstanceOf(TemplateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.__class__.__mro__ }}",
                "{{ '{0.__class__.__mro__}'.format('a') }}",
                "{{ range.__init__.__globals__ }}",
                "{{ messages.append(1) }}",
                "{% include 'x' %}",
                "{% import 'x' as y %}",
                "{% extends 'x' %}",
            })
    void reachesNothing(String template) {
        assertThatThrownBy(() -> ChatTemplate.of(template, SpecialTokens.NONE).render(List.of()))
                .isInstanceOf(TemplateException.class);
    }
}
