//! Static types.

use std::fmt;
use std::sync::Arc;

/// A type as the checker infers it. Its `Display` form is that of cel-go's `Type.String()`
/// (`list(string)`, `map(string, dyn)`, `optional_type(int)`, `null_type`), as in the message that an
/// expression must evaluate to another type; the checker's own messages spell some types differently,
/// see [`Type::in_errors`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Unknown until evaluation.
    Dyn,
    /// The type of an expression whose check failed.
    Error,
    /// `null_type`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `google.protobuf.Duration`
    Duration,
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// `list(T)`
    List(Arc<Type>),
    /// `map(K, V)`
    Map(Arc<Type>, Arc<Type>),
    /// `optional_type(T)`
    Optional(Arc<Type>),
    /// `type(T)`
    Type(Arc<Type>),
    /// A type parameter of an overload, or one that inference introduced.
    Parameter(Arc<str>),
    /// An opaque type of a library, such as `kubernetes.Quantity`. The types of types and of
    /// optionals, when their parameter is unknown, are [`Type::TYPE`] and [`Type::OPTIONAL`].
    Opaque(&'static str),
    /// An object type with declared fields, such as `kubernetes.AdmissionRequest` or `Object.spec`.
    Object(Arc<str>),
}

/// A type as an overload table declares it; the same shapes as [`Type`], usable in constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeSpec {
    /// `dyn`
    Dyn,
    /// `null_type`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `google.protobuf.Duration`
    Duration,
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// `list(T)`
    List(&'static TypeSpec),
    /// `map(K, V)`
    Map(&'static TypeSpec, &'static TypeSpec),
    /// `optional_type(T)`
    Optional(&'static TypeSpec),
    /// `type(T)`
    Type(&'static TypeSpec),
    /// A type parameter such as `A`; the same name is the same type within one overload.
    Parameter(&'static str),
    /// An opaque type of a library.
    Opaque(&'static str),
}

impl Type {
    /// What the name `type` denotes.
    pub const TYPE: Type = Type::Opaque("type");

    /// What the name `optional_type` denotes.
    pub const OPTIONAL: Type = Type::Opaque("optional_type");

    /// The name without parameters, by which types are compared and printed at run time.
    pub fn name(&self) -> &str {
        match self {
            Type::Dyn => "dyn",
            Type::Error => "error",
            Type::Null => "null_type",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Uint => "uint",
            Type::Double => "double",
            Type::String => "string",
            Type::Bytes => "bytes",
            Type::Duration => "google.protobuf.Duration",
            Type::Timestamp => "google.protobuf.Timestamp",
            Type::List(_) => "list",
            Type::Map(..) => "map",
            Type::Optional(_) => "optional_type",
            Type::Type(_) => "type",
            Type::Parameter(name) | Type::Object(name) => name,
            Type::Opaque(name) => name,
        }
    }

    /// The spelling of the checker's messages, cel-go's `FormatCELType`.
    pub fn in_errors(&self) -> impl fmt::Display + '_ {
        InErrors(self)
    }

    /// `list(item)`
    pub fn list(item: Type) -> Self {
        Type::List(Arc::new(item))
    }

    /// `map(key, value)`
    pub fn map(key: Type, value: Type) -> Self {
        Type::Map(Arc::new(key), Arc::new(value))
    }

    /// `optional_type(item)`
    pub fn optional(item: Type) -> Self {
        Type::Optional(Arc::new(item))
    }
}

impl From<TypeSpec> for Type {
    fn from(spec: TypeSpec) -> Self {
        match spec {
            TypeSpec::Dyn => Type::Dyn,
            TypeSpec::Null => Type::Null,
            TypeSpec::Bool => Type::Bool,
            TypeSpec::Int => Type::Int,
            TypeSpec::Uint => Type::Uint,
            TypeSpec::Double => Type::Double,
            TypeSpec::String => Type::String,
            TypeSpec::Bytes => Type::Bytes,
            TypeSpec::Duration => Type::Duration,
            TypeSpec::Timestamp => Type::Timestamp,
            TypeSpec::List(item) => Type::list((*item).into()),
            TypeSpec::Map(key, value) => Type::map((*key).into(), (*value).into()),
            TypeSpec::Optional(item) => Type::optional((*item).into()),
            TypeSpec::Type(inner) => Type::Type(Arc::new((*inner).into())),
            TypeSpec::Parameter(name) => Type::Parameter(name.into()),
            TypeSpec::Opaque(name) => Type::Opaque(name),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dyn => formatter.write_str("dyn"),
            Type::Error => formatter.write_str("error"),
            Type::Null => formatter.write_str("null_type"),
            Type::Bool => formatter.write_str("bool"),
            Type::Int => formatter.write_str("int"),
            Type::Uint => formatter.write_str("uint"),
            Type::Double => formatter.write_str("double"),
            Type::String => formatter.write_str("string"),
            Type::Bytes => formatter.write_str("bytes"),
            Type::Duration => formatter.write_str("google.protobuf.Duration"),
            Type::Timestamp => formatter.write_str("google.protobuf.Timestamp"),
            Type::List(item) => write!(formatter, "list({item})"),
            Type::Map(key, value) => write!(formatter, "map({key}, {value})"),
            Type::Optional(item) => write!(formatter, "optional_type({item})"),
            Type::Type(inner) => write!(formatter, "type({inner})"),
            Type::Parameter(name) => write!(formatter, "<{name}>"),
            Type::Opaque(name) => formatter.write_str(name),
            Type::Object(name) => formatter.write_str(name),
        }
    }
}

struct InErrors<'a>(&'a Type);

impl fmt::Display for InErrors<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Type::Error => formatter.write_str("!error!"),
            Type::Null => formatter.write_str("null"),
            Type::Duration => formatter.write_str("duration"),
            Type::Timestamp => formatter.write_str("timestamp"),
            Type::List(item) => write!(formatter, "list({})", InErrors(item)),
            Type::Map(key, value) => {
                write!(formatter, "map({}, {})", InErrors(key), InErrors(value))
            }
            Type::Optional(item) => write!(formatter, "optional_type({})", InErrors(item)),
            Type::Type(inner) => write!(formatter, "type({})", InErrors(inner)),
            other => formatter.write_str(other.name()),
        }
    }
}
