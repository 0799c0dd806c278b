//! The syntax tree that the checker annotates and the compiler reads: the parser's output with
//! macros recognised but not expanded, so that each can be checked, charged, evaluated and traced
//! as what it is.

/// Identifies a node of one expression; dense from 0, so annotations are vectors.
pub type ExprId = u32;

/// An expression with its place in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Unique within the tree.
    pub id: ExprId,
    /// Byte offset at which cel-go reports an error of this node (an operator's own position for
    /// calls, the dot's for selections, as the ANTLR parser of cel-go records it).
    pub position: u32,
    /// Byte range of the whole expression.
    pub span: (u32, u32),
    /// What it is.
    pub kind: ExprKind,
}

impl Expr {
    /// The expressions directly below, in the order of their evaluation. The target of `optMap` and
    /// `optFlatMap`, which cel-go copies, is there once.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::Ident(_) => Vec::new(),
            ExprKind::Select { operand, .. } | ExprKind::Has { operand, .. } => vec![operand],
            ExprKind::Call {
                target, arguments, ..
            } => target.as_deref().into_iter().chain(arguments).collect(),
            ExprKind::List(elements) => elements.iter().map(|element| &element.value).collect(),
            ExprKind::Map(entries) => entries
                .iter()
                .flat_map(|entry| [&entry.key, &entry.value])
                .collect(),
            ExprKind::Struct { fields, .. } => fields.iter().map(|field| &field.value).collect(),
            ExprKind::Macro(call) => std::iter::once(&call.target)
                .chain(&call.predicate)
                .chain(&call.transform)
                .collect(),
        }
    }
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// A name. A leading dot is kept (`.x`).
    Ident(String),
    /// `operand.field`
    Select {
        /// What is selected from.
        operand: Box<Expr>,
        /// The field.
        field: String,
    },
    /// `has(operand.field)`
    Has {
        /// What is tested.
        operand: Box<Expr>,
        /// The field.
        field: String,
    },
    /// A function, method or operator (`_+_`, `_[_]`, `_[?_]`, `_?._`; names as in cel-go's
    /// `common/operators`).
    Call {
        /// The name.
        function: String,
        /// The receiver, for methods.
        target: Option<Box<Expr>>,
        /// The arguments.
        arguments: Vec<Expr>,
    },
    /// `[a, ?b]`
    List(Vec<Element>),
    /// `{a: b, ?c: d}`
    Map(Vec<MapEntry>),
    /// `Name{field: value}`
    Struct {
        /// The type's name as written.
        type_name: String,
        /// Fields in order.
        fields: Vec<StructField>,
    },
    /// A macro over a range, or over an optional.
    Macro(Box<Macro>),
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `1`
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.0`
    Double(f64),
    /// `"x"`
    String(String),
    /// `b"x"`
    Bytes(Vec<u8>),
}

/// An element of a list literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Written with `?`: left out when the optional is empty.
    pub optional: bool,
    /// The element.
    pub value: Expr,
}

/// An entry of a map literal.
#[derive(Clone, Debug, PartialEq)]
pub struct MapEntry {
    /// Identifies the entry itself (cel-go reports some errors there).
    pub id: ExprId,
    /// Written with `?`.
    pub optional: bool,
    /// The key.
    pub key: Expr,
    /// The value.
    pub value: Expr,
}

/// A field of a struct literal.
#[derive(Clone, Debug, PartialEq)]
pub struct StructField {
    /// Identifies the field itself.
    pub id: ExprId,
    /// Byte offset of the field's colon, where cel-go reports errors of the field.
    pub position: u32,
    /// Written with `?`.
    pub optional: bool,
    /// The field's name.
    pub name: String,
    /// The value.
    pub value: Expr,
}

/// A recognised macro call. `target.kind(variable, [variable2,] …)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Macro {
    /// Which one.
    pub kind: MacroKind,
    /// The list, map or optional it is called on.
    pub target: Expr,
    /// The iteration variable: element, or index/key when there are two.
    pub variable: String,
    /// The second variable of the two-variable forms: the value.
    pub variable2: Option<String>,
    /// The condition: of `all`, `exists`, `exists_one`, `filter`, and the optional filter of
    /// `map`, `transformList`, `transformMap`, `transformMapEntry`.
    pub predicate: Option<Expr>,
    /// What an element becomes: of `map`, `transform…`, `optMap`, `optFlatMap`, `sortBy`.
    pub transform: Option<Expr>,
}

/// The macros of the dialect besides `has`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacroKind {
    /// `all`
    All,
    /// `exists`
    Exists,
    /// `exists_one`, and `existsOne` with two variables
    ExistsOne,
    /// `map`
    Map,
    /// `filter`
    Filter,
    /// `transformList`
    TransformList,
    /// `transformMap`
    TransformMap,
    /// `transformMapEntry`
    TransformMapEntry,
    /// `optMap`
    OptMap,
    /// `optFlatMap`
    OptFlatMap,
    /// `sortBy`
    SortBy,
}
