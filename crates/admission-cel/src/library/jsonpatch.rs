//! JSON patch keys, after `k8s.io/apiserver/pkg/cel/library/jsonpatch.go`.

mod overloads;
#[cfg(test)]
mod tests;

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, string};
use crate::overload::Scope;
use crate::value::Value;

/// Escapes a key for use in the path of a JSON patch (RFC 6901).
fn escape_key<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let key = string(arguments, 0)?;
    if !key.contains(['~', '/']) {
        return Ok(Value::String(key));
    }
    scope.text(&key.replace('~', "~0").replace('/', "~1"))
}
