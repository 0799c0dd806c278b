//! The macros, which the parser knows by name and which have no overloads.

/// A macro for the document.
pub(super) struct Macro {
    /// How it is written.
    pub(super) form: &'static str,
    /// What comes out.
    pub(super) gives: &'static str,
    /// The Kubernetes minor version (1.x) that first has it, from
    /// `k8s.io/apiserver/pkg/cel/environment/base.go`.
    pub(super) since_minor: u8,
}

const fn in_all(form: &'static str, gives: &'static str) -> Macro {
    since(0, form, gives)
}

const fn since(since_minor: u8, form: &'static str, gives: &'static str) -> Macro {
    Macro {
        form,
        gives,
        since_minor,
    }
}

/// `r` is a list or a map, of which `x` is the element or key; `i` and `v` are index and element, or
/// key and value.
pub(super) const MACROS: &[Macro] = &[
    in_all("has(e.f)", "whether the field is there"),
    in_all("r.all(x, p)", "whether `p` holds for all"),
    in_all("r.exists(x, p)", "whether `p` holds for one at least"),
    in_all("r.exists_one(x, p)", "whether `p` holds for exactly one"),
    in_all("r.filter(x, p)", "the list of those for which `p` holds"),
    in_all("r.map(x, e)", "the list of what `e` makes of each"),
    in_all("r.map(x, p, e)", "the same of those for which `p` holds"),
    since(
        28,
        "o.optMap(x, e)",
        "an optional of what `e` makes of the optional's value",
    ),
    since(
        28,
        "o.optFlatMap(x, e)",
        "the same, where `e` is itself an optional",
    ),
    since(32, "r.all(i, v, p)", "whether `p` holds for all"),
    since(
        32,
        "r.exists(i, v, p)",
        "whether `p` holds for one at least",
    ),
    since(
        32,
        "r.existsOne(i, v, p)",
        "whether `p` holds for exactly one; also `exists_one`",
    ),
    since(
        32,
        "r.transformList(i, v, e)",
        "the list of what `e` makes of each; with `p` before `e` of some",
    ),
    since(
        32,
        "r.transformMap(i, v, e)",
        "the map with `e` as values; with `p` before `e` of some",
    ),
    since(
        32,
        "r.transformMapEntry(i, v, e)",
        "the map of the entries that `e` gives, `{key: value}` each",
    ),
    since(
        34,
        "l.sortBy(x, e)",
        "the list, ordered by what `e` makes of each",
    ),
];
