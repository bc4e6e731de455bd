package dev.quipu.runtime.template.jinja;

import java.util.List;

/** A node of the syntax tree; knows how deep and how large the tree below it is, so that its costs are known before it runs. */
abstract class Node {
    /** Deepest tree. Python's own compiler gives up at about a hundred nested parentheses. */
    static final int MAX_HEIGHT = 500;

    private final int height;
    private final int size;

    Node(Node... children) {
        this(List.of(children));
    }

    Node(List<? extends Node> children) {
        int tallest = 0;
        long total = 1;
        for (Node child : children) {
            tallest = Math.max(tallest, child.height());
            total += child.size();
        }
        this.height = tallest + 1;
        this.size = (int) Math.min(total, Integer.MAX_VALUE);
        if (height > MAX_HEIGHT) throw new JinjaException("nested more than " + MAX_HEIGHT + " levels deep", 0);
    }

    /** Levels of the tree from here. */
    final int height() {
        return height;
    }

    /** Nodes of the tree from here. */
    final int size() {
        return size;
    }
}
