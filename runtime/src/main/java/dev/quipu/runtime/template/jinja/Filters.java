package dev.quipu.runtime.template.jinja;

import org.jspecify.annotations.Nullable;

/** The filters by name. A switch links only those that a template names. */
final class Filters {
    private Filters() {}

    static @Nullable Filter find(String name) {
        return switch (name) {
            case "capitalize" -> TextFilters::capitalize;
            case "center" -> TextFilters::center;
            case "format" -> TextFilters::format;
            case "indent" -> TextFilters::indent;
            case "lower" -> TextFilters::lower;
            case "replace" -> TextFilters::replace;
            case "string" -> TextFilters::string;
            case "title" -> TextFilters::title;
            case "tojson" -> TextFilters::toJson;
            case "trim" -> TextFilters::trim;
            case "truncate" -> TextFilters::truncate;
            case "upper" -> TextFilters::upper;
            case "wordcount" -> TextFilters::wordCount;
            case "e", "escape" -> HtmlFilters::escape;
            case "forceescape" -> HtmlFilters::forceEscape;
            case "safe" -> HtmlFilters::safe;
            case "striptags" -> HtmlFilters::stripTags;
            case "urlencode" -> HtmlFilters::urlEncode;
            case "xmlattr" -> HtmlFilters::xmlAttributes;
            case "abs" -> NumberFilters::abs;
            case "filesizeformat" -> NumberFilters::fileSize;
            case "float" -> NumberFilters::toFloat;
            case "int" -> NumberFilters::toInt;
            case "round" -> NumberFilters::round;
            case "sum" -> NumberFilters::sum;
            case "attr" -> SequenceFilters::attribute;
            case "batch" -> SequenceFilters::batch;
            case "count", "length" -> SequenceFilters::length;
            case "d", "default" -> SequenceFilters::fallback;
            case "first" -> SequenceFilters::first;
            case "items" -> SequenceFilters::items;
            case "join" -> SequenceFilters::join;
            case "last" -> SequenceFilters::last;
            case "list" -> SequenceFilters::list;
            case "random" -> SequenceFilters::random;
            case "reverse" -> SequenceFilters::reverse;
            case "slice" -> SequenceFilters::slice;
            case "dictsort" -> OrderFilters::dictSort;
            case "groupby" -> OrderFilters::groupBy;
            case "max" -> OrderFilters::max;
            case "min" -> OrderFilters::min;
            case "sort" -> OrderFilters::sort;
            case "unique" -> OrderFilters::unique;
            case "map" -> SelectionFilters::map;
            case "reject" -> SelectionFilters::reject;
            case "rejectattr" -> SelectionFilters::rejectAttribute;
            case "select" -> SelectionFilters::select;
            case "selectattr" -> SelectionFilters::selectAttribute;
            default -> null;
        };
    }
}
