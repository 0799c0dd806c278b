//! Suggestions for mistyped names.

/// How alike two names must be for one to be suggested for the other.
const SIMILARITY_MIN: f64 = 0.7;

/// `; did you mean …?` with the nearest of the known names, or what there is where none is near.
pub fn did_you_mean<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), *candidate))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN);
    match nearest {
        Some((_, candidate)) => format!("; did you mean `{candidate}`?"),
        None if known.is_empty() => String::new(),
        None => format!("; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_answered_with_the_nearest_name_and_nonsense_with_all() {
        for (name, expected) in [
            ("host-path", "; did you mean `host-paths`?"),
            ("hostpaths", "; did you mean `host-paths`?"),
            ("deadline", "; did you mean `deadlines`?"),
            ("xyz", "; there are deadlines, host-paths"),
        ] {
            let known = ["deadlines", "host-paths"].into_iter();
            assert_eq!(did_you_mean(name, known), expected, "{name}");
        }
    }
}
