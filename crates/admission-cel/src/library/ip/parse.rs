//! Reading addresses, with the messages of Go's `net/netip`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::library::go;

/// An address, and whether a zone followed it.
#[derive(Debug)]
pub(crate) struct ParsedAddress {
    pub(crate) address: IpAddr,
    pub(crate) has_zone: bool,
}

/// What is wrong, and the rest of the text from there on; empty when that is not shown.
struct Problem<'t> {
    message: &'static str,
    at: &'t str,
}

fn problem<'t, T>(message: &'static str, at: &'t str) -> Result<T, Problem<'t>> {
    Err(Problem { message, at })
}

/// Reads an address as `netip.ParseAddr`.
pub(crate) fn parse_address(text: &str) -> Result<ParsedAddress, String> {
    let parsed = match text.bytes().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => parse_v4(text).map(|address| ParsedAddress {
            address: IpAddr::V4(address),
            has_zone: false,
        }),
        Some(b':') => parse_v6_with_zone(text),
        Some(_) => problem("missing IPv6 address", ""),
        None => problem("unable to parse IP", ""),
    };
    parsed.map_err(|Problem { message, at }| {
        let text = go::quote(text);
        if at.is_empty() {
            format!("ParseAddr({text}): {message}")
        } else {
            format!("ParseAddr({text}): {message} (at {})", go::quote(at))
        }
    })
}

fn parse_v4(text: &str) -> Result<Ipv4Addr, Problem<'_>> {
    let mut octets = [0u8; 4];
    let mut octet = 0;
    let mut value: u8 = 0;
    let mut digits = 0;
    for (position, byte) in text.bytes().enumerate() {
        let at = text.get(position..).unwrap_or_default();
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return problem("IPv4 field has octet with leading zero", "");
                }
                value = match value
                    .checked_mul(10)
                    .and_then(|tens| tens.checked_add(byte - b'0'))
                {
                    Some(value) => value,
                    None => return problem("IPv4 field has value >255", ""),
                };
                digits += 1;
            }
            b'.' => {
                if digits == 0 || at.len() == 1 {
                    return problem("IPv4 field must have at least one digit", at);
                }
                if octet == 3 {
                    return problem("IPv4 address too long", "");
                }
                if let Some(slot) = octets.get_mut(octet) {
                    *slot = value;
                }
                octet += 1;
                value = 0;
                digits = 0;
            }
            _ => return problem("unexpected character", at),
        }
    }
    if octet < 3 {
        return problem("IPv4 address too short", "");
    }
    if let Some(slot) = octets.get_mut(3) {
        *slot = value;
    }
    Ok(Ipv4Addr::from(octets))
}

fn parse_v6_with_zone(text: &str) -> Result<ParsedAddress, Problem<'_>> {
    let (address, zone) = match text.split_once('%') {
        Some((_, "")) => return problem("zone must be a non-empty string", ""),
        Some((address, _)) => (address, true),
        None => (text, false),
    };
    Ok(ParsedAddress {
        address: IpAddr::V6(parse_v6(address)?),
        has_zone: zone,
    })
}

fn parse_v6(text: &str) -> Result<Ipv6Addr, Problem<'_>> {
    let mut fields: Vec<u16> = Vec::with_capacity(8);
    let mut ellipsis = None;
    let mut rest = text;
    if let Some(after) = rest.strip_prefix("::") {
        ellipsis = Some(0);
        rest = after;
        if rest.is_empty() {
            return Ok(Ipv6Addr::UNSPECIFIED);
        }
    }
    while fields.len() < 8 {
        let (field, after) = hexadecimal_field(rest)?;
        if after.starts_with('.') {
            append_v4(&mut fields, ellipsis.is_some(), rest)?;
            rest = "";
            break;
        }
        fields.push(field);
        rest = after;
        if rest.is_empty() {
            break;
        }
        let Some(after) = rest.strip_prefix(':') else {
            return problem("unexpected character, want colon", rest);
        };
        if after.is_empty() {
            return problem("colon must be followed by more characters", rest);
        }
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            if ellipsis.is_some() {
                return problem("multiple :: in address", rest);
            }
            ellipsis = Some(fields.len());
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return problem("trailing garbage after address", rest);
    }
    expand(fields, ellipsis)
}

/// Up to four hexadecimal digits.
fn hexadecimal_field(text: &str) -> Result<(u16, &str), Problem<'_>> {
    let end = text
        .find(|character: char| !character.is_ascii_hexdigit())
        .unwrap_or(text.len());
    if end == 0 {
        return problem(
            "each colon-separated field must have at least one digit",
            text,
        );
    }
    if end > 4 {
        return problem("each group must have 4 or less digits", text);
    }
    let (digits, rest) = text.split_at_checked(end).unwrap_or_default();
    Ok((u16::from_str_radix(digits, 16).unwrap_or_default(), rest))
}

/// The address in dotted form that ends an IPv6 address.
fn append_v4<'t>(
    fields: &mut Vec<u16>,
    has_ellipsis: bool,
    text: &'t str,
) -> Result<(), Problem<'t>> {
    if !has_ellipsis && fields.len() != 6 {
        return problem(
            "embedded IPv4 address must replace the final 2 fields of the address",
            text,
        );
    }
    if fields.len() > 6 {
        return problem(
            "too many hex fields to fit an embedded IPv4 at the end of the address",
            text,
        );
    }
    let [a, b, c, d] = parse_v4(text)?.octets();
    fields.push(u16::from_be_bytes([a, b]));
    fields.push(u16::from_be_bytes([c, d]));
    Ok(())
}

fn expand<'t>(mut fields: Vec<u16>, ellipsis: Option<usize>) -> Result<Ipv6Addr, Problem<'t>> {
    match ellipsis {
        None if fields.len() < 8 => return problem("address string too short", ""),
        Some(_) if fields.len() >= 8 => {
            return problem("the :: must expand to at least one field of zeros", "");
        }
        Some(position) => {
            let zeros = vec![0; 8 - fields.len()];
            fields.splice(position..position, zeros);
        }
        None => {}
    }
    let fields: [u16; 8] = fields.try_into().unwrap_or_default();
    Ok(Ipv6Addr::from(fields))
}
