//! RFC 6901 pointers, read as `gopkg.in/evanphx/json-patch.v4` reads them.

use admission_cel::json::Json;

/// A pointer to a member of a container: the steps to the container, and the member's key.
#[derive(Debug)]
pub(super) struct Pointer {
    /// Keys and indices, unescaped, from the root to the container.
    pub(super) container: Vec<String>,
    /// Key or index in it, unescaped.
    pub(super) key: String,
}

impl Pointer {
    /// Parses a pointer. `None` for the root and for text without a slash, which lead to no member;
    /// what stands before the first slash is not looked at.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (_, steps) = text.split_once('/')?;
        let mut container: Vec<String> = steps.split('/').map(unescape).collect();
        let key = container.pop()?;
        Some(Self { container, key })
    }

    /// The container under `root`; `None` when a step is absent or the end is no container.
    pub(super) fn find<'a>(&self, root: &Json<'a>) -> Option<Json<'a>> {
        let container = self
            .container
            .iter()
            .try_fold(*root, |node, step| member(&node, step))?;
        matches!(container, Json::Object(_) | Json::Array(_)).then_some(container)
    }
}

fn member<'a>(node: &Json<'a>, step: &str) -> Option<Json<'a>> {
    match node {
        Json::Object(object) => object.get(step).copied(),
        Json::Array(items) => {
            let index = existing_index(step, items.len()).ok()?;
            items.get(index).copied()
        }
        _ => None,
    }
}

/// One pass, so that `~01` is `~1`.
fn unescape(token: &str) -> String {
    if !token.as_bytes().contains(&b'~') {
        return token.to_owned();
    }
    let mut unescaped = String::with_capacity(token.len());
    let mut rest = token;
    while let Some((before, after)) = rest.split_once('~') {
        unescaped.push_str(before);
        rest = if let Some(after) = after.strip_prefix('1') {
            unescaped.push('/');
            after
        } else if let Some(after) = after.strip_prefix('0') {
            unescaped.push('~');
            after
        } else {
            unescaped.push('~');
            after
        };
    }
    unescaped.push_str(rest);
    unescaped
}

/// A key, escaped for use in a pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Why a step is no index of an array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IndexError {
    /// It is no integer; Go's text.
    NotANumber(String),
    /// There is no such place.
    OutOfRange(i64),
}

impl std::fmt::Display for IndexError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IndexError::NotANumber(text) => formatter.write_str(text),
            IndexError::OutOfRange(index) => write!(
                formatter,
                "Unable to access invalid index: {index}: invalid index referenced"
            ),
        }
    }
}

/// The place of an item that exists. Negative indices count from the end.
pub(super) fn existing_index(step: &str, length: usize) -> Result<usize, IndexError> {
    place(integer(step)?, length, length)
}

/// The place where an item may be inserted: up to the place behind the last item; `-1` is that
/// place too.
pub(super) fn insertion_index(step: &str, length: usize) -> Result<usize, IndexError> {
    place(integer(step)?, length + 1, length + 1)
}

fn place(index: i64, places: usize, from_end: usize) -> Result<usize, IndexError> {
    let out_of_range = IndexError::OutOfRange(index);
    let place = if index < 0 {
        usize::try_from(index.unsigned_abs())
            .ok()
            .and_then(|back| from_end.checked_sub(back))
    } else {
        usize::try_from(index).ok()
    };
    place.filter(|place| *place < places).ok_or(out_of_range)
}

/// As Go's `strconv.Atoi`: an optional sign and decimal digits, leading zeros allowed.
fn integer(text: &str) -> Result<i64, IndexError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(IndexError::NotANumber(format!(
            "strconv.Atoi: parsing {text:?}: invalid syntax"
        )));
    }
    text.parse().map_err(|_| {
        IndexError::NotANumber(format!(
            "strconv.Atoi: parsing {text:?}: value out of range"
        ))
    })
}
