//! The keys of definitions below which names of fields stand.

/// Keys of views whose texts are paths to fields; elsewhere a colour is one, and a picture is a file.
pub(super) const OF_VIEWS: [&str; 2] = ["color", "image"];
/// Keys whose texts (or lists of texts) are paths to fields, beside [`OF_VIEWS`].
pub(super) const PATHS: [&str; 42] = [
    "field",
    "fields",
    "columns",
    "card",
    "facts",
    "sum",
    "avg",
    "min",
    "max",
    "median",
    "count_distinct",
    "first",
    "last",
    "list",
    "by",
    "at",
    "sort",
    "items",
    "required",
    "search",
    "unique",
    "indexes",
    "display",
    "require_enter",
    "require_leave",
    "match",
    "copy",
    "currency",
    "rate_date",
    "entity_in",
    "field_in",
    "option_in",
    "start",
    "end",
    "guarded",
    "follow",
    "territory",
    "x",
    "y",
    "stack",
    "under",
    "group",
];
/// Keys whose members are named like fields.
pub(super) const MEMBERS: [&str; 4] = ["totals", "values", "fields", "preset"];
/// Keys whose members have names of their own, which are no words of the shape of a definition either.
pub(super) const NAMED: [&str; 4] = ["properties", "inputs", "options_when", "cells"];
/// Members of a condition whose values are values of its field.
pub(super) const OPERANDS: [&str; 12] = [
    "eq",
    "ne",
    "in",
    "not_in",
    "any_of",
    "all_of",
    "none_of",
    "changed_to",
    "changed_from",
    "was",
    "ever_was",
    "contains",
];
