//! Addresses, after `k8s.io/apiserver/pkg/cel/library/ip.go`.

mod overloads;
mod parse;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use overloads::OVERLOADS;
pub(super) use parse::parse_address;

use super::arguments::{Outcome, string, value};
use super::go;
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

fn address<'a>(arguments: &[Value<'a>]) -> Result<IpAddr, EvaluationError<'a>> {
    match value(arguments, 0)? {
        Value::Ip(address) => Ok(address),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

/// An address without zone that is no IPv4 address in IPv6 form.
pub(super) fn parse_plain(text: &str) -> Result<IpAddr, String> {
    let quoted = go::quote(text);
    let parsed = parse_address(text).map_err(|error| {
        format!("IP Address {quoted} parse error during conversion from string: {error}")
    })?;
    if parsed.has_zone {
        return Err(format!(
            "IP address {quoted} with zone value is not allowed"
        ));
    }
    if is_mapped(parsed.address) {
        return Err(format!("IPv4-mapped IPv6 address {quoted} is not allowed"));
    }
    Ok(parsed.address)
}

/// Whether it is an IPv4 address in IPv6 form.
pub(super) fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

fn from_string<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match parse_plain(string(arguments, 0)?) {
        Ok(address) => Ok(Value::Ip(address)),
        Err(error) => scope.fail(error),
    }
}

fn is_ip<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let parsed = parse_plain(string(arguments, 0)?);
    Ok(Value::Bool(parsed.is_ok()))
}

/// Whether the address is written in the one form that `string` gives.
fn is_canonical<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = string(arguments, 0)?;
    match parse_plain(text) {
        Ok(address) => Ok(Value::Bool(address.to_string() == text)),
        Err(error) => scope.fail(error),
    }
}

fn to_text<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    scope.text(&address(arguments)?.to_string())
}

/// 4 or 6.
fn family<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let family = if address(arguments)?.is_ipv4() { 4 } else { 6 };
    Ok(Value::Int(family))
}

fn is_unspecified<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(address(arguments)?.is_unspecified()))
}

fn is_loopback<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(address(arguments)?.is_loopback()))
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn is_link_local_unicast<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(is_link_local(address(arguments)?)))
}

fn is_link_local_multicast<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let multicast = match address(arguments)? {
        IpAddr::V4(address) => matches!(address.octets(), [224, 0, 0, _]),
        IpAddr::V6(address) => {
            matches!(address.segments(), [first, ..] if first & 0xff0f == 0xff02)
        }
    };
    Ok(Value::Bool(multicast))
}

/// Any unicast address but the special ones; private addresses count.
fn is_global_unicast<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let address = address(arguments)?;
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    let special = broadcast
        || address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || is_link_local(address);
    Ok(Value::Bool(!special))
}
