/**
 * Chat templates: the text that a model expects for a conversation.
 *
 * <p>{@link dev.quipu.runtime.template.ChatTemplate} renders the Jinja template of a model's file or a built-in one.
 * {@code template.jinja} is the language, {@code template.python} the values it works with.
 */
@NullMarked
package dev.quipu.runtime.template;

import org.jspecify.annotations.NullMarked;
