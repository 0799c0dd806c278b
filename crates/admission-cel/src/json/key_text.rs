//! Comparing keys.

/// Whether two texts are equal. Keys and most values of Kubernetes objects are so short that calling
/// the C library to compare them takes longer than comparing them here.
#[inline]
pub(crate) fn same_text(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    // The last bytes first: keys of labels begin alike.
    match (left.last_chunk::<8>(), right.last_chunk::<8>()) {
        (Some(a), Some(b)) => {
            u64::from_ne_bytes(*a) == u64::from_ne_bytes(*b)
                && match left.len() {
                    0..=8 => true,
                    // The first and the last eight bytes are all there are.
                    9..=16 => left.first_chunk::<8>() == right.first_chunk::<8>(),
                    _ => left == right,
                }
        }
        _ => match (left.last_chunk::<4>(), right.last_chunk::<4>()) {
            (Some(a), Some(b)) => {
                u32::from_ne_bytes(*a) == u32::from_ne_bytes(*b)
                    && left.first_chunk::<4>() == right.first_chunk::<4>()
            }
            _ => left.iter().eq(right),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::same_text;

    #[test]
    fn texts_are_equal_exactly_if_all_bytes_are() {
        let alphabet = "abcdefghijklmnopqrstuvwxyz";
        for length in 0..alphabet.len() {
            let text: String = alphabet.chars().take(length).collect();
            let longer: String = alphabet.chars().take(length + 1).collect();
            assert!(same_text(&text, &text.clone()), "{text}");
            assert!(!same_text(&text, &longer), "{text}");
            for position in 0..length {
                let mut other = text.clone();
                other.replace_range(position..=position, "!");
                assert!(!same_text(&text, &other), "{text} {other}");
            }
        }
    }
}
