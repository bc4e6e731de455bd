package dev.quipu.runtime.template.python;

/** A method together with the value that it was taken from, as in {@code text.strip}. */
record BoundMethod(String name, Object owner, Method method) implements Callable {
    /** The method itself. */
    interface Method {
        Object call(Object owner, Arguments arguments, Budget budget);
    }

    @Override
    public Object call(Arguments arguments, Budget budget) {
        return method.call(owner, arguments, budget);
    }

    @Override
    public String typeName() {
        return "builtin_function_or_method";
    }

    @Override
    public String representation() {
        return "<built-in method " + name + " of " + Types.name(owner) + " object>";
    }
}
