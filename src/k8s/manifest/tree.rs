//! YAML events to a JSON tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use admission_cel::json::{DEPTH_MAX, Json, Object};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bumpalo::Bump;
use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::ManifestError;
use super::scalar::{is_fraction, is_not_finite, key_text, resolve};
use super::spans::Spans;

/// The prefix of what `!!` stands for.
const CORE_TAGS: &str = "tag:yaml.org,2002:";

/// Up to so many keys of a map are compared one by one, which is faster than hashing.
const KEYS_COMPARED_MAX: usize = 12;

/// How many nodes a document may have once its aliases are followed: a few hundred bytes of nested
/// aliases can stand for billions.
const NODES_MAX: usize = 1_000_000;

/// Builds the tree of one document that starts at byte `offset` of its file; `None` when it has no
/// content.
pub fn build<'a>(
    text: &'a str,
    offset: usize,
    arena: &'a Bump,
) -> Result<Option<(&'a Json<'a>, Spans)>, ManifestError> {
    let mut builder = Builder {
        events: Parser::new_from_str(text),
        text,
        arena,
        offset,
        spans: Spans::default(),
        anchors: HashMap::new(),
        nodes: 0,
        depth: 0,
    };
    let Some(root) = builder.document()? else {
        return Ok(None);
    };
    let json: &'a Json<'a> = arena.alloc(root.json);
    builder.spans.insert(json, None, root.span);
    Ok((!json.is_null()).then_some((json, builder.spans)))
}

struct Builder<'a> {
    events: Parser<'a, StrInput<'a>>,
    text: &'a str,
    arena: &'a Bump,
    offset: usize,
    spans: Spans,
    anchors: HashMap<usize, Node<'a>>,
    nodes: usize,
    depth: usize,
}

#[derive(Clone)]
struct Node<'a> {
    json: Json<'a>,
    span: Range<usize>,
    /// Nodes in this tree, aliases followed.
    size: usize,
}

struct Entry<'a> {
    key: &'a str,
    key_span: Range<usize>,
    node: Node<'a>,
    /// By a merge key.
    is_merged: bool,
}

/// The entries of a map, in order.
#[derive(Default)]
struct Entries<'a> {
    list: Vec<Entry<'a>>,
    /// Of large maps.
    positions: HashMap<&'a str, usize>,
}

impl<'a> Entries<'a> {
    /// Adds an entry or replaces what a merge key put there, or is one itself; `false` when a key is
    /// written twice.
    fn set(&mut self, entry: Entry<'a>) -> bool {
        let position = self.position(entry.key);
        let Some(known) = position.and_then(|position| self.list.get_mut(position)) else {
            self.add(entry);
            return true;
        };
        if !entry.is_merged && !known.is_merged {
            return false;
        }
        // A key that is written stays so when a merge key replaces what it says.
        let is_merged = entry.is_merged && known.is_merged;
        *known = Entry { is_merged, ..entry };
        true
    }

    fn add(&mut self, entry: Entry<'a>) {
        let key = entry.key;
        self.list.push(entry);
        if self.list.len() == KEYS_COMPARED_MAX + 1 {
            let keys = self.list.iter().map(|entry| entry.key);
            self.positions = keys.zip(0..).collect();
        } else if self.list.len() > KEYS_COMPARED_MAX {
            self.positions.insert(key, self.list.len() - 1);
        }
    }

    fn position(&self, key: &str) -> Option<usize> {
        match self.list.len() > KEYS_COMPARED_MAX {
            true => self.positions.get(key).copied(),
            false => self.list.iter().position(|entry| entry.key == key),
        }
    }
}

/// How many nodes a tree has.
fn size(json: &Json<'_>) -> usize {
    match json {
        Json::Array(items) => items.iter().fold(1, |sum, item| sum + size(item)),
        Json::Object(object) => {
            let entries = object.entries().iter();
            entries.fold(1, |sum, entry| sum + size(&entry.value))
        }
        _ => 1,
    }
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Result<Option<Node<'a>>, ManifestError> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::StreamStart | Event::DocumentEnd | Event::Comment(..) => {}
                Event::DocumentStart(..) if root.is_none() => {}
                Event::DocumentStart(..) => {
                    let message = "a second document starts here without a `---` line before it";
                    return Err(self.error(&span, message));
                }
                event => root = Some(self.node(event, &span)?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), ManifestError> {
        match self.events.next() {
            Some(Ok(item)) => Ok(item),
            Some(Err(error)) => {
                let start = self.offset + error.marker().byte_offset().unwrap_or(0);
                Err(ManifestError {
                    span: start..start + 1,
                    message: error.info().to_owned(),
                })
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// The next event that is no comment.
    fn next_content(&mut self) -> Result<(Event<'a>, Span), ManifestError> {
        loop {
            let item = self.next()?;
            if !matches!(item.0, Event::Comment(..)) {
                return Ok(item);
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: &Span) -> Result<Node<'a>, ManifestError> {
        let mut new_nodes = 1;
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let json = self.scalar(text, style, tag.as_deref(), span)?;
                (
                    anchor,
                    Node {
                        json,
                        span: self.range(span),
                        size: 1,
                    },
                )
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.nested(span, Self::sequence)?),
            Event::MappingStart(_, anchor, _) => (anchor, self.nested(span, Self::mapping)?),
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.error(span, "an alias cannot stand inside its own anchor"));
                };
                new_nodes = node.size;
                (
                    0,
                    Node {
                        span: self.range(span),
                        ..node
                    },
                )
            }
            _ => return Err(self.error(span, "unexpected end of the document")),
        };
        self.nodes = self.nodes.saturating_add(new_nodes);
        if self.nodes > NODES_MAX {
            let message = format!("the document has more than {NODES_MAX} nodes");
            return Err(self.error(span, &message));
        }
        if anchor != 0 {
            if !self.is_plain_anchor(span) {
                let message = "the name of an anchor has letters, digits, `-` and `_`";
                return Err(self.error(span, message));
            }
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn nested(
        &mut self,
        span: &Span,
        read: fn(&mut Self, &Span) -> Result<Node<'a>, ManifestError>,
    ) -> Result<Node<'a>, ManifestError> {
        if self.depth >= DEPTH_MAX {
            let message = format!("nesting is deeper than {DEPTH_MAX}");
            return Err(self.error(span, &message));
        }
        self.depth += 1;
        let node = read(self, span);
        self.depth -= 1;
        node
    }

    fn sequence(&mut self, start: &Span) -> Result<Node<'a>, ManifestError> {
        let mut items: Vec<Node<'a>> = Vec::new();
        let end = loop {
            let (event, span) = self.next_content()?;
            if matches!(event, Event::SequenceEnd) {
                break span;
            }
            items.push(self.node(event, &span)?);
        };
        let slice: &'a [Json<'a>] = self
            .arena
            .alloc_slice_fill_iter(items.iter().map(|item| item.json));
        let mut size: usize = 1;
        for (json, item) in slice.iter().zip(&items) {
            self.spans.insert(json, None, item.span.clone());
            size = size.saturating_add(item.size);
        }
        Ok(Node {
            json: Json::Array(slice),
            span: self.range_of(start, &end),
            size,
        })
    }

    fn mapping(&mut self, start: &Span) -> Result<Node<'a>, ManifestError> {
        let mut entries = Entries::default();
        let end = loop {
            let (event, key_span) = self.next_content()?;
            if matches!(event, Event::MappingEnd) {
                break key_span;
            }
            let key = self.key(event, &key_span)?;
            let (event, value_span) = self.next_content()?;
            let node = self.node(event, &value_span)?;
            let Some(key) = key else {
                self.merge(node, &value_span, &mut entries)?;
                continue;
            };
            let entry = Entry {
                key,
                key_span: self.range(&key_span),
                node,
                is_merged: false,
            };
            if !entries.set(entry) {
                let message = format!("the key `{key}` is set twice in the same map");
                return Err(self.error(&key_span, &message));
            }
        };
        Ok(self.object(start, &end, &entries.list))
    }

    /// The text of a key; `None` for a merge key.
    fn key(&mut self, event: Event<'a>, span: &Span) -> Result<Option<&'a str>, ManifestError> {
        let (text, style, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => (text, style, anchor, tag),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor);
                return match known.and_then(|node| node.json.as_str()) {
                    Some(text) => Ok(Some(text)),
                    None => Err(self.error(span, "a key must be a string; write it out")),
                };
            }
            _ => return Err(self.error(span, "a key must be a scalar")),
        };
        let text: &'a str = match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(&text),
        };
        let is_plain = style == ScalarStyle::Plain;
        if is_plain && text.starts_with('?') {
            return Err(self.error(span, "quote what begins with `?`"));
        }
        if is_plain && self.is_glued(span) {
            return Err(self.error(span, "put a space behind the `:` of this key"));
        }
        let is_untagged = tag.as_ref().is_none_or(|tag| {
            let name = tag.suffix_in_namespace(CORE_TAGS);
            name.as_deref() == Some("merge")
        });
        if is_plain && text == "<<" && is_untagged {
            return Ok(None);
        }
        if is_plain && tag.is_none() && is_fraction(text) {
            let message = "a number with a fraction or an exponent cannot be a key; quote it";
            return Err(self.error(span, message));
        }
        let json = match tag {
            Some(tag) => self.scalar(Cow::Borrowed(text), style, Some(&tag), span)?,
            None if is_plain => resolve(text),
            None => Json::String(text),
        };
        if json.is_null() {
            return Err(self.error(span, "a key cannot be null; quote it"));
        }
        if anchor != 0 {
            let (span, size) = (self.range(span), 1);
            self.anchors.insert(anchor, Node { json, span, size });
        }
        Ok(Some(match json {
            Json::String(text) => text,
            _ => self.arena.alloc_str(&key_text(text)),
        }))
    }

    fn object(&mut self, start: &Span, end: &Span, entries: &[Entry<'a>]) -> Node<'a> {
        let object = Object::new(
            self.arena,
            entries.iter().map(|entry| (entry.key, entry.node.json)),
        );
        let mut size: usize = 1;
        for (stored, entry) in object.entries().iter().zip(entries) {
            let key_span = Some(entry.key_span.clone());
            self.spans
                .insert(&stored.value, key_span, entry.node.span.clone());
            size = size.saturating_add(entry.node.size);
        }
        Node {
            json: Json::Object(object),
            span: self.range_of(start, end),
            size,
        }
    }

    /// Adds the entries of a merge key's map, or list of maps of which the first wins. What the map
    /// itself sets stays only if it is set below: this is what happens in Kubernetes, though not
    /// what YAML says.
    fn merge(
        &mut self,
        node: Node<'a>,
        span: &Span,
        entries: &mut Entries<'a>,
    ) -> Result<(), ManifestError> {
        let sources: &[Json<'a>] = match &node.json {
            Json::Array(items) => items,
            other => std::slice::from_ref(other),
        };
        let place = self.range(span);
        for source in sources.iter().rev() {
            let Some(object) = source.as_object() else {
                return Err(self.error(span, "a merge key takes a map or a list of maps"));
            };
            for entry in object.entries() {
                let size = size(&entry.value);
                self.nodes = self.nodes.saturating_add(size);
                entries.set(Entry {
                    key: entry.key,
                    key_span: place.clone(),
                    node: Node {
                        json: entry.value,
                        span: place.clone(),
                        size,
                    },
                    is_merged: true,
                });
            }
        }
        Ok(())
    }

    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: &Span,
    ) -> Result<Json<'a>, ManifestError> {
        let text: &'a str = match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(&text),
        };
        let text = self.without_missing_line_break(text, style, span);
        if style == ScalarStyle::Plain && text.starts_with('?') {
            return Err(self.error(span, "quote what begins with `?`"));
        }
        let Some(tag) = tag else {
            return match style {
                ScalarStyle::Plain => self.resolved(text, span),
                _ => Ok(Json::String(text)),
            };
        };
        if text.is_empty() && style == ScalarStyle::Plain && self.follows(span, &[',']) {
            return Err(self.error(span, "put a space behind this tag"));
        }
        match tag.suffix_in_namespace(CORE_TAGS).as_deref() {
            Some("binary") => self.decode_binary(text, span),
            Some(name @ ("int" | "float" | "bool" | "null")) => {
                let json = self.resolved(text, span)?;
                let fits = match json {
                    Json::Int(_) => matches!(name, "int" | "float"),
                    Json::Double(_) => name == "float",
                    Json::Bool(_) => name == "bool",
                    _ => json.is_null() && name == "null",
                };
                match fits {
                    true => Ok(json),
                    false => Err(self.error(span, &format!("`{text}` is no `!!{name}`"))),
                }
            }
            // Whatever else somebody calls it.
            _ => Ok(Json::String(text)),
        }
    }

    /// A block scalar at the end of a file that does not end in a line break has none at its end.
    fn without_missing_line_break(
        &self,
        text: &'a str,
        style: ScalarStyle,
        span: &Span,
    ) -> &'a str {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let is_last = is_block
            && (self.text.rsplit(['\n', '\r']).next()).is_some_and(|line| !line.trim().is_empty())
            && span.end.byte_offset() >= Some(self.text.len());
        match text.strip_suffix('\n') {
            Some(shorter) if is_last => shorter,
            _ => text,
        }
    }

    /// Whether a flow indicator follows the `:` of a key: YAML 1.1 takes both for a part of it.
    fn is_glued(&self, key: &Span) -> bool {
        let behind = key.end.byte_offset().and_then(|end| self.text.get(end..));
        let value = behind.and_then(|text| text.trim_start_matches([' ', '\t']).strip_prefix(':'));
        value.is_some_and(|text| text.starts_with([',', '[', ']', '{', '}']))
    }

    /// Whether the anchor before a node has a name of YAML 1.1; otherwise the rest of it would be
    /// taken for the value.
    fn is_plain_anchor(&self, node: &Span) -> bool {
        let start = node.start.byte_offset().unwrap_or_default();
        let before = self.text.get(..start).unwrap_or(self.text);
        let name = before.rsplit_once('&').map_or("", |(_, name)| name);
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
        let name = name.split(ends).next().unwrap_or_default();
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }

    fn follows(&self, span: &Span, any: &[char]) -> bool {
        let behind = span.end.byte_offset().and_then(|end| self.text.get(end..));
        behind.is_some_and(|text| text.starts_with(any))
    }

    fn resolved(&self, text: &'a str, span: &Span) -> Result<Json<'a>, ManifestError> {
        if is_not_finite(text) {
            let message = format!("`{text}` cannot be expressed in JSON; quote it");
            return Err(self.error(span, &message));
        }
        Ok(resolve(text))
    }

    fn decode_binary(&self, text: &str, span: &Span) -> Result<Json<'a>, ManifestError> {
        let compact: String = text.split_ascii_whitespace().collect();
        let bytes = BASE64_STANDARD.decode(compact);
        let decoded = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded {
            Some(decoded) => Ok(Json::String(self.arena.alloc_str(&decoded))),
            None => Err(self.error(span, "`!!binary` takes base64 of UTF-8 text")),
        }
    }

    fn range(&self, span: &Span) -> Range<usize> {
        self.range_of(span, span)
    }

    fn range_of(&self, start: &Span, end: &Span) -> Range<usize> {
        let at = |marker: Option<usize>| self.offset + marker.unwrap_or(0);
        at(start.start.byte_offset())..at(end.end.byte_offset())
    }

    fn error(&self, span: &Span, message: &str) -> ManifestError {
        ManifestError {
            span: self.range(span),
            message: message.to_owned(),
        }
    }
}
