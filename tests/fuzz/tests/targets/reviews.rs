use admission_cel::json::{Json, ParseOptions};
use bumpalo::Bump;
use cattlegrid::k8s::review::read;
use fuzz::corpus::repository;
use fuzz::fuzz;
use fuzz::mutate::mutated;
use proptest::prelude::*;

fn judge(bytes: &[u8]) -> Result<(), String> {
    for skip_managed_fields in [false, true] {
        let arena = Bump::new();
        let options = ParseOptions {
            skip_managed_fields,
        };
        if let Ok(review) = Json::parse_with(bytes, &arena, options) {
            let _ = read(review, &arena);
            let printed = review.to_string();
            let again = Bump::new();
            let again = Json::parse(printed.as_bytes(), &again)
                .map_err(|error| format!("what is printed cannot be read: {error}"))?;
            if again != review {
                return Err("what is printed reads differently".to_owned());
            }
        }
    }
    Ok(())
}

#[test]
fn mutated_reviews_are_read_or_refused() {
    let review = std::fs::read_to_string(repository().join("bench/review.json"))
        .expect("the repository is readable");
    let review: serde_json::Value = serde_json::from_str(&review).expect("it is JSON");
    let corpus = vec![
        review.to_string(),
        review["request"]["userInfo"].to_string(),
        r#"{"a": [1, -0, 1e400, 0.1, 9223372036854775808, "\ud834\udd1e\u0000"], "a": {}}"#
            .to_owned(),
    ];
    fuzz("reviews", 150, mutated(corpus), |text| {
        judge(text.as_bytes())
    });
}

#[test]
fn arbitrary_bytes_are_read_or_refused() {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "[\\[\\]{}:,\"\\\\a-f0-9eE.+ -]{0,80}".prop_map(String::into_bytes),
        (1..3000usize).prop_map(|depth| b"[".repeat(depth)),
    ];
    fuzz("bytes", 500, bytes, |bytes| judge(bytes));
}
