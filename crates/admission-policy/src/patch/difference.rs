//! The patch between two objects.

use admission_cel::json::{Json, Object};

use super::Operation;
use super::pointer::escape;

/// The operations that turn `from` into `to`, small and deterministic: only `add`, `remove` and
/// `replace`.
pub fn difference<'a>(from: &'a Json<'a>, to: &'a Json<'a>) -> Vec<Operation<'a>> {
    let mut operations = Vec::new();
    compare(&mut String::new(), from, to, &mut operations);
    operations
}

fn compare<'a>(
    path: &mut String,
    from: &Json<'a>,
    to: &Json<'a>,
    operations: &mut Vec<Operation<'a>>,
) {
    match (from, to) {
        (Json::Object(from), Json::Object(to))
            if path.is_empty() || have_common_key(*from, *to) =>
        {
            compare_objects(path, *from, *to, operations);
        }
        (Json::Array(from), Json::Array(to)) => compare_arrays(path, from, to, operations),
        _ if from == to => {}
        _ => operations.push(Operation::Replace {
            path: path.clone(),
            value: *to,
        }),
    }
}

/// Objects with nothing in common are replaced as a whole.
fn have_common_key(from: Object<'_>, to: Object<'_>) -> bool {
    from.entries()
        .iter()
        .any(|entry| to.get(entry.key).is_some())
}

fn compare_objects<'a>(
    path: &mut String,
    from: Object<'a>,
    to: Object<'a>,
    operations: &mut Vec<Operation<'a>>,
) {
    if std::ptr::eq(from.entries(), to.entries()) {
        return;
    }
    for entry in from.entries() {
        below(path, &escape(entry.key), |path| match to.get(entry.key) {
            Some(value) => compare(path, &entry.value, value, operations),
            None => operations.push(Operation::Remove { path: path.clone() }),
        });
    }
    for entry in to.entries() {
        if from.get(entry.key).is_none() {
            below(path, &escape(entry.key), |path| {
                operations.push(Operation::Add {
                    path: path.clone(),
                    value: entry.value,
                });
            });
        }
    }
}

/// Items at both ends that belong together are compared with each other; what is between is compared
/// place by place, and then removed or inserted.
fn compare_arrays<'a>(
    path: &mut String,
    from: &'a [Json<'a>],
    to: &'a [Json<'a>],
    operations: &mut Vec<Operation<'a>>,
) {
    if std::ptr::eq(from, to) {
        return;
    }
    let shorter = from.len().min(to.len());
    let (leading, trailing) = if from.len() == to.len() {
        (shorter, 0)
    } else {
        let belongs = |(a, b): &(&Json<'a>, &Json<'a>)| belong_together(a, b);
        let leading = from.iter().zip(to).take_while(belongs).count();
        let trailing = from
            .iter()
            .rev()
            .zip(to.iter().rev())
            .take(shorter - leading)
            .take_while(belongs)
            .count();
        (leading, trailing)
    };
    // Neither list has fewer items than both ends together.
    let paired = shorter - trailing;
    debug_assert!(leading <= paired);
    for (index, (from, to)) in from.iter().zip(to).take(paired).enumerate() {
        below(path, &index.to_string(), |path| {
            compare(path, from, to, operations);
        });
    }
    for _ in paired..from.len() - trailing {
        below(path, &paired.to_string(), |path| {
            operations.push(Operation::Remove { path: path.clone() });
        });
    }
    for (index, value) in to.iter().enumerate().take(to.len() - trailing).skip(paired) {
        below(path, &index.to_string(), |path| {
            operations.push(Operation::Add {
                path: path.clone(),
                value: *value,
            });
        });
    }
    let last_of_from = from.iter().skip(from.len() - trailing);
    let last_of_to = to.iter().enumerate().skip(to.len() - trailing);
    for (from, (index, to)) in last_of_from.zip(last_of_to) {
        below(path, &index.to_string(), |path| {
            compare(path, from, to, operations);
        });
    }
}

/// Whether two items are versions of the same thing: equal, or objects of the same `name`.
fn belong_together(a: &Json<'_>, b: &Json<'_>) -> bool {
    match (a.get("name"), b.get("name")) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn below(path: &mut String, step: &str, act: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push('/');
    path.push_str(step);
    act(path);
    path.truncate(length);
}

#[cfg(test)]
mod tests;
