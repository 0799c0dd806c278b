//! What the query of a request's URL says.

use std::borrow::Cow;

use admission_cel::json::{Json, Object};
use bumpalo::Bump;

/// The path and the parameters of a request, decoded.
pub struct Query<'a> {
    path: &'a str,
    parameters: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// The options of connections: kind, texts, lists of texts, flags. As in
/// `k8s.io/api/core/v1/types.go`; the port of a forwarded port is a number and is left out, as no
/// client sends it in the URL any more.
const CONNECTIONS: &[(&str, &str, &[&str], &[&str])] = &[
    ("exec", "PodExecOptions", &["container"], STREAMS),
    ("attach", "PodAttachOptions", &["container"], STREAMS),
    ("portforward", "PodPortForwardOptions", &[], &[]),
];
const STREAMS: &[&str] = &["stdin", "stdout", "stderr", "tty"];

impl<'a> Query<'a> {
    /// Of a path with a query.
    pub fn of(uri: &'a str) -> Self {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let parameters = pairs.map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key), decoded(value))
        });
        Self {
            path,
            parameters: parameters.collect(),
        }
    }

    fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter();
        parameters
            .filter(move |(known, _)| known == key)
            .map(|(_, value)| value.as_ref())
    }

    fn first(&self, key: &str) -> Option<&str> {
        self.all(key).next()
    }

    /// Whether nothing was to be stored.
    pub fn is_dry_run(&self) -> bool {
        self.all("dryRun").any(|value| value == "All")
    }

    /// `CreateOptions` or `UpdateOptions`.
    pub fn options<'t>(&self, kind: &'t str, arena: &'t Bump) -> &'t Json<'t> {
        let mut members = vec![
            ("kind", Json::String(kind)),
            ("apiVersion", Json::String("meta.k8s.io/v1")),
        ];
        if self.is_dry_run() {
            let all = arena.alloc_slice_copy(&[Json::String("All")]);
            members.push(("dryRun", Json::Array(all)));
        }
        for key in ["fieldManager", "fieldValidation"] {
            if let Some(value) = self.first(key) {
                members.push((key, Json::String(arena.alloc_str(value))));
            }
        }
        arena.alloc(Json::Object(Object::new(arena, members)))
    }

    /// The object of a connection: its options, which are never in the log.
    pub fn connection<'t>(
        &self,
        resource: &str,
        subresource: &str,
        arena: &'t Bump,
    ) -> &'t Json<'t> {
        let mut members = Vec::new();
        let mut add = |key: &'static str, value: Json<'t>| members.push((key, value));
        let known = CONNECTIONS.iter().find(|entry| entry.0 == subresource);
        match known {
            Some((_, kind, texts, flags)) => {
                add("kind", Json::String(kind));
                add("apiVersion", Json::String("v1"));
                for key in *flags {
                    if self.first(key).is_some_and(is_true) {
                        add(key, Json::Bool(true));
                    }
                }
                for key in *texts {
                    if let Some(value) = self.first(key).filter(|value| !value.is_empty()) {
                        add(key, Json::String(arena.alloc_str(value)));
                    }
                }
                if *kind == "PodExecOptions" {
                    let words = self.all("command");
                    let words: Vec<Json<'t>> = words
                        .map(|word| Json::String(arena.alloc_str(word)))
                        .collect();
                    add(
                        "command",
                        match words.as_slice() {
                            // It has no `omitempty`.
                            [] => Json::Null,
                            words => Json::Array(arena.alloc_slice_copy(words)),
                        },
                    );
                }
            }
            None => {
                add(
                    "kind",
                    Json::String(match resource {
                        "nodes" => "NodeProxyOptions",
                        "services" => "ServiceProxyOptions",
                        _ => "PodProxyOptions",
                    }),
                );
                add("apiVersion", Json::String("v1"));
                if let Some(path) = self.proxied() {
                    add("path", Json::String(arena.alloc_str(&path)));
                }
            }
        }
        arena.alloc(Json::Object(Object::new(arena, members)))
    }

    /// The path behind `…/proxy`, or the parameter.
    fn proxied(&self) -> Option<String> {
        match self.path.split_once("/proxy/") {
            Some((_, path)) => Some(format!("/{}", decoded(path))),
            None => self.first("path").map(str::to_owned),
        }
    }
}

/// As `Convert_Slice_string_To_bool` of `k8s.io/apimachinery/pkg/runtime/conversion.go`.
fn is_true(value: &str) -> bool {
    !matches!(value.to_ascii_lowercase().as_str(), "false" | "0")
}

/// Percent-decoding, with `+` for a blank.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        bytes.push(match (first, behind) {
            (b'+', _) => b' ',
            (b'%', [high, low, behind @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = behind;
                    high * 16 + low
                }
                _ => b'%',
            },
            (other, _) => *other,
        });
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(uri: &str, resource: &str, subresource: &str) -> String {
        let arena = Bump::new();
        let options = Query::of(uri).connection(resource, subresource, &arena);
        options.to_string()
    }

    #[test]
    fn the_options_of_connections_are_read_from_the_url() {
        let pod = "/api/v1/namespaces/agents/pods/a";
        for (uri, resource, subresource, expected) in [
            (
                format!(
                    "{pod}/exec?command=sh&command=-c&command=a%20b+c&container=x&stdin=true&tty=false"
                ),
                "pods",
                "exec",
                r#"{"kind":"PodExecOptions","apiVersion":"v1","stdin":true,"container":"x","command":["sh","-c","a b c"]}"#,
            ),
            (
                format!("{pod}/attach?stdout=1"),
                "pods",
                "attach",
                r#"{"kind":"PodAttachOptions","apiVersion":"v1","stdout":true}"#,
            ),
            (
                format!("{pod}/portforward"),
                "pods",
                "portforward",
                r#"{"kind":"PodPortForwardOptions","apiVersion":"v1"}"#,
            ),
            (
                "/api/v1/namespaces/agents/services/s/proxy/a%2Fb?c=d".to_owned(),
                "services",
                "proxy",
                r#"{"kind":"ServiceProxyOptions","apiVersion":"v1","path":"/a/b"}"#,
            ),
        ] {
            assert_eq!(connection(&uri, resource, subresource), expected, "{uri}");
        }
    }

    #[test]
    fn what_is_no_encoding_stays_as_it_is() {
        for (text, expected) in [("a%2", "a%2"), ("%zz", "%zz"), ("%C3%A9", "é"), ("a", "a")] {
            assert_eq!(decoded(text), expected);
        }
    }
}
