//! YAML events to a JSON tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use admission_cel::json::{DEPTH_MAX, Json, Object};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bumpalo::Bump;
use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::ManifestError;
use super::scalar::{is_not_finite, key_text, resolve};
use super::spans::Spans;

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
                let tag = tag.as_ref().map(|tag| tag.suffix().to_owned());
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
        let mut entries: Vec<Entry<'a>> = Vec::new();
        let mut positions: HashMap<&'a str, usize> = HashMap::new();
        let mut merged: Vec<(Node<'a>, Span)> = Vec::new();
        let end = loop {
            let (event, key_span) = self.next_content()?;
            let (text, style) = match event {
                Event::MappingEnd => break key_span,
                Event::Scalar(text, style, ..) => (text, style),
                _ => return Err(self.error(&key_span, "a key must be a scalar")),
            };
            if style == ScalarStyle::Plain && resolve(&text).is_null() {
                return Err(self.error(&key_span, "a key cannot be null; quote it"));
            }
            let (event, value_span) = self.next_content()?;
            let node = self.node(event, &value_span)?;
            if style == ScalarStyle::Plain && text == "<<" {
                merged.push((node, value_span));
                continue;
            }
            let key: &'a str = match (style, text) {
                (ScalarStyle::Plain, text) => self.arena.alloc_str(&key_text(&text)),
                (_, Cow::Borrowed(text)) => text,
                (_, Cow::Owned(text)) => self.arena.alloc_str(&text),
            };
            if positions.insert(key, entries.len()).is_some() {
                let message = format!("the key `{key}` is set twice in the same map");
                return Err(self.error(&key_span, &message));
            }
            entries.push(Entry {
                key,
                key_span: self.range(&key_span),
                node,
            });
        };
        for (node, span) in merged {
            self.merge(node, &span, &mut positions, &mut entries)?;
        }
        Ok(self.object(start, &end, &entries))
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

    /// Adds the entries of a merge key's map, or list of maps, that are not set yet.
    fn merge(
        &mut self,
        node: Node<'a>,
        span: &Span,
        positions: &mut HashMap<&'a str, usize>,
        entries: &mut Vec<Entry<'a>>,
    ) -> Result<(), ManifestError> {
        let sources: Vec<&Json<'a>> = match &node.json {
            Json::Object(_) => vec![&node.json],
            Json::Array(items) => items.iter().collect(),
            _ => Vec::new(),
        };
        let objects: Option<Vec<Object<'a>>> = sources
            .into_iter()
            .map(|source| source.as_object())
            .collect();
        let Some(objects) = objects.filter(|objects| !objects.is_empty()) else {
            return Err(self.error(span, "a merge key takes a map or a list of maps"));
        };
        for entry in objects.iter().flat_map(|object| object.entries()) {
            if positions.contains_key(entry.key) {
                continue;
            }
            positions.insert(entry.key, entries.len());
            let place = self.range(span);
            let node = Node {
                json: entry.value,
                span: place.clone(),
                size: 1,
            };
            entries.push(Entry {
                key: entry.key,
                key_span: place,
                node,
            });
        }
        Ok(())
    }

    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        tag: Option<&str>,
        span: &Span,
    ) -> Result<Json<'a>, ManifestError> {
        let text: &'a str = match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(&text),
        };
        match tag {
            Some("str") => Ok(Json::String(text)),
            Some("int" | "float" | "bool" | "null") => Ok(resolve(text)),
            Some("binary") => self.decode_binary(text, span),
            _ if style != ScalarStyle::Plain => Ok(Json::String(text)),
            _ if is_not_finite(text) => Err(self.error(
                span,
                &format!("`{text}` cannot be expressed in JSON; quote it"),
            )),
            _ => Ok(resolve(text)),
        }
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
