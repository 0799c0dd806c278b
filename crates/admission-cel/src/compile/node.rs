//! The executable form of an expression: names resolved to slots, constants folded, literal
//! patterns compiled, macros kept as what they are.

use crate::library::regex::Pattern;
use crate::overload::Overload;
use crate::value::Constant;

/// An executable node.
#[derive(Debug)]
pub(crate) enum Node {
    /// A constant.
    Constant(Constant),
    /// A variable or value, and what is selected from it.
    Attribute(Box<Attribute>),
    /// `has(operand.field)`
    Has(Box<Has>),
    /// `!operand`
    Not(Box<Node>),
    /// `a && b && …`
    And(Box<[Node]>),
    /// `a || b || …`
    Or(Box<[Node]>),
    /// `left == right`, `left != right`
    Equality(Box<Equality>),
    /// `element in container`
    Membership(Box<Membership>),
    /// `optional.or(other)`, `optional.orValue(other)`
    Alternative(Box<Alternative>),
    /// `optional.hasValue()`
    HasValue(Box<Node>),
    /// A call of a library function.
    Call(Box<Call>),
    /// `[a, ?b]`
    List(Box<[Element]>),
    /// `{a: b, ?c: d}`
    Map(Box<[Entry]>),
    /// `Name{field: value}`
    Struct(Box<Struct>),
    /// `all`, `exists`, `exists_one`
    Quantifier(Box<Quantifier>),
    /// `map`, `filter`, `transformList`
    ListMacro(Box<ListMacro>),
    /// `transformMap`, `transformMapEntry`
    MapMacro(Box<MapMacro>),
    /// `optMap`, `optFlatMap`
    OptionalMacro(Box<OptionalMacro>),
    /// `sortBy`
    SortBy(Box<SortBy>),
}

/// A root and what is selected from it, step by step. cel-go resolves such a chain as a whole
/// (`interpreter/attributes.go`): an optional at its start or a `?` within it makes every later
/// step optional and the result an optional.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub root: Root,
    pub qualifiers: Vec<Qualifier>,
}

/// Where a chain starts.
#[derive(Debug)]
pub(crate) enum Root {
    /// A variable of the environment.
    Variable { slot: usize, name: Box<str> },
    /// A variable of a macro.
    Local(usize),
    /// The `variables` map.
    PolicyVariables,
    /// The result of another node.
    Value(Node),
    /// `condition ? then : otherwise`
    Conditional(Box<Conditional>),
}

/// A choice between two chains.
#[derive(Debug)]
pub(crate) struct Conditional {
    pub condition: Node,
    pub then: Attribute,
    pub otherwise: Attribute,
}

/// One step of a chain.
#[derive(Debug)]
pub(crate) struct Qualifier {
    /// Written with `?`.
    pub optional: bool,
    /// The last step of a `has` that is a branch of a choice: there, cel-go tests presence only as
    /// long as nothing optional was met, and otherwise selects.
    pub tested: bool,
    pub key: QualifierKey,
}

/// What a step selects by.
#[derive(Debug)]
pub(crate) enum QualifierKey {
    /// A field or a constant string key.
    Field(Box<str>),
    /// A field of what the checker knows to be an object under construction.
    ObjectField(Box<str>),
    /// `variables.<name>`, by index.
    PolicyVariable(usize),
    /// Another constant.
    Constant(Constant),
    /// A computed key.
    Computed(Node),
}

#[derive(Debug)]
pub(crate) struct Has {
    pub operand: Attribute,
    pub key: QualifierKey,
}

#[derive(Debug)]
pub(crate) struct Equality {
    pub left: Node,
    pub right: Node,
    pub negated: bool,
}

#[derive(Debug)]
pub(crate) struct Membership {
    pub element: Node,
    pub container: Node,
    pub cost: MembershipCost,
}

/// What `in` costs besides its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MembershipCost {
    /// A constant list: cel-go looks it up in a set, outside of its cost count.
    Free,
    /// A list: its length.
    Length,
    /// A map, or something that is known at run time only.
    One,
}

#[derive(Debug)]
pub(crate) struct Alternative {
    pub optional: Node,
    pub other: Node,
    /// `orValue`: the value rather than the optional.
    pub unwrap: bool,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub function: &'static str,
    /// The one overload that the checker left, otherwise every overload of that many parameters.
    pub candidates: Candidates,
    pub arguments: Box<[Node]>,
    /// The compiled literal pattern among the arguments.
    pub pattern: Option<Pattern>,
    /// Whether cel-go may panic while it counts what the call costs.
    pub may_panic: bool,
    /// Whether all overloads are carried out alike, so that none has to be chosen.
    pub is_uniform: bool,
}

/// Which overloads a call may mean.
#[derive(Debug)]
pub(crate) enum Candidates {
    /// The checker left one, and the static types of the arguments fit it.
    Certain(&'static Overload),
    /// The checker left one; the run-time types must be looked at.
    One(&'static Overload),
    /// Several.
    Several(Box<[&'static Overload]>),
}

#[derive(Debug)]
pub(crate) struct Element {
    pub optional: bool,
    pub value: Node,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub optional: bool,
    pub key: Node,
    pub value: Node,
}

#[derive(Debug)]
pub(crate) struct Struct {
    pub type_name: Box<str>,
    pub fields: Box<[Field]>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub optional: bool,
    pub name: Box<str>,
    pub value: Node,
}

/// What a macro goes through, and where it keeps its variables.
#[derive(Debug)]
pub(crate) struct Range {
    pub target: Node,
    /// The slot of the element, or of the index or key when there are two variables.
    pub slot: usize,
    /// The slot of the value of the two-variable forms.
    pub value_slot: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuantifierKind {
    All,
    Exists,
    ExistsOne,
}

#[derive(Debug)]
pub(crate) struct Quantifier {
    pub kind: QuantifierKind,
    pub range: Range,
    pub predicate: Node,
}

#[derive(Debug)]
pub(crate) struct ListMacro {
    pub range: Range,
    pub predicate: Option<Node>,
    /// `None`: the element itself (`filter`).
    pub transform: Option<Node>,
}

#[derive(Debug)]
pub(crate) struct MapMacro {
    pub range: Range,
    pub predicate: Option<Node>,
    pub transform: Node,
    /// `transformMapEntry`: the transform gives entries rather than values.
    pub entries: bool,
}

#[derive(Debug)]
pub(crate) struct OptionalMacro {
    pub target: Node,
    pub slot: usize,
    pub transform: Node,
    /// `optFlatMap`: the transform gives an optional itself.
    pub flat: bool,
}

#[derive(Debug)]
pub(crate) struct SortBy {
    pub target: Node,
    pub slot: usize,
    pub key: Node,
    /// The candidates of `@sortByAssociatedKeys`.
    pub candidates: Candidates,
}

impl Node {
    /// The constant, if it is one.
    pub fn as_constant(&self) -> Option<&Constant> {
        match self {
            Node::Constant(constant) => Some(constant),
            _ => None,
        }
    }

    /// The node as a branch of a choice: cel-go takes the chain out of a branch, `has` included.
    pub fn into_branch(self) -> Attribute {
        match self {
            Node::Has(has) => {
                let Has {
                    operand: mut attribute,
                    key,
                } = *has;
                attribute.qualifiers.push(Qualifier {
                    optional: false,
                    tested: true,
                    key,
                });
                attribute
            }
            other => other.into_attribute(),
        }
    }

    /// The node as a chain to select further from.
    pub fn into_attribute(self) -> Attribute {
        match self {
            Node::Attribute(attribute) => *attribute,
            other => Attribute {
                root: Root::Value(other),
                qualifiers: Vec::new(),
            },
        }
    }
}
