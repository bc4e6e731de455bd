package dev.quipu.runtime.template.jinja;

/** How a statement ended. */
enum Flow {
    NEXT,
    /** The innermost loop goes on with its next element. */
    CONTINUE,
    /** The innermost loop ends. */
    BREAK
}
