//! Address ranges, after `k8s.io/apiserver/pkg/cel/library/cidr.go`.

mod overloads;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, string, value};
use super::go;
use super::ip::{is_mapped, parse_address, parse_plain};
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

/// An address and how many of its leading bits name the range; the other bits are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix_length: u8,
}

impl Cidr {
    /// The length of its prefix in bits.
    pub fn prefix_length(&self) -> u8 {
        self.prefix_length
    }

    /// The same range with all bits after the prefix zero.
    fn masked(self) -> Self {
        Self {
            address: mask(self.address, self.prefix_length),
            prefix_length: self.prefix_length,
        }
    }

    fn contains_address(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4()
            && mask(address, self.prefix_length) == self.masked().address
    }

    fn contains(self, other: Self) -> bool {
        self.prefix_length <= other.prefix_length && self.contains_address(other.address)
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix_length)
    }
}

fn mask(address: IpAddr, length: u8) -> IpAddr {
    let length = u32::from(length);
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32u32.saturating_sub(length));
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask.unwrap_or(0)))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128u32.saturating_sub(length));
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask.unwrap_or(0)))
        }
    }
}

/// Reads a range as `netip.ParsePrefix`, but no IPv4 addresses in IPv6 form.
fn parse(text: &str) -> Result<Cidr, String> {
    let quoted = go::quote(text);
    let cidr = parse_prefix(text).map_err(|error| {
        format!(
            "network address parse error during conversion from string: \
             netip.ParsePrefix({quoted}): {error}"
        )
    })?;
    if is_mapped(cidr.address) {
        return Err(format!("IPv4-mapped IPv6 address {quoted} is not allowed"));
    }
    Ok(cidr)
}

fn parse_prefix(text: &str) -> Result<Cidr, String> {
    let (address, bits) = text.rsplit_once('/').ok_or("no '/'")?;
    let parsed = parse_address(address)?;
    if parsed.has_zone {
        return Err("IPv6 zones cannot be present in a prefix".to_owned());
    }
    let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || bits.len() > 1 && bits.starts_with('0') {
        return Err(format!("bad bits after slash: {}", go::quote(bits)));
    }
    let Ok(length) = bits.parse::<i64>() else {
        return Err(format!("bad bits after slash: {}", go::quote(bits)));
    };
    let max = if parsed.address.is_ipv4() { 32 } else { 128 };
    match u8::try_from(length) {
        Ok(prefix_length) if prefix_length <= max => Ok(Cidr {
            address: parsed.address,
            prefix_length,
        }),
        _ => Err("prefix length out of range".to_owned()),
    }
}

fn parse_value<'a>(scope: Scope<'a, '_>, text: &str) -> Result<Cidr, EvaluationError<'a>> {
    parse(text).or_else(|error| {
        scope.fail(format_args!(
            "network address parse error during conversion from string: {error}"
        ))
    })
}

fn range<'a>(arguments: &[Value<'a>]) -> Result<Cidr, EvaluationError<'a>> {
    match value(arguments, 0)? {
        Value::Cidr(range) => Ok(*range),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn from_string<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let range = parse_value(scope, string(arguments, 0)?)?;
    Ok(Value::Cidr(scope.arena.alloc(range)))
}

fn is_cidr<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(parse(string(arguments, 0)?).is_ok()))
}

fn to_text<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    scope.text(&range(arguments)?.to_string())
}

/// Takes an address, or the text of one.
fn contains_ip<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let range = range(arguments)?;
    let address = match value(arguments, 1)? {
        Value::Ip(address) => address,
        // The API server meets the failed conversion with a type check, which hides its text.
        Value::String(text) => parse_plain(text).map_err(|_| EvaluationError::NoSuchOverload)?,
        _ => return EvaluationError::no_such_overload(),
    };
    Ok(Value::Bool(range.contains_address(address)))
}

/// Takes a range, or the text of one.
fn contains_cidr<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let range = range(arguments)?;
    let other = match value(arguments, 1)? {
        Value::Cidr(other) => *other,
        Value::String(text) => parse_value(scope, text)?,
        _ => return EvaluationError::no_such_overload(),
    };
    Ok(Value::Bool(range.contains(other)))
}

/// The address before the slash.
fn ip<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Ip(range(arguments)?.address))
}

fn masked<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let masked = range(arguments)?.masked();
    Ok(Value::Cidr(scope.arena.alloc(masked)))
}

fn prefix_length<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Int(i64::from(range(arguments)?.prefix_length)))
}
