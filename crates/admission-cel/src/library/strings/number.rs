//! Doubles as the `golang.org/x/text/message` printer writes them in American English: that is what
//! `%f` and `%e` give in cel-go's version 2 of the strings library.

/// `%f`: digits in groups of three. The precision is kept in eight bits there.
pub(super) fn fixed(number: f64, precision: u64) -> String {
    if !number.is_finite() {
        return special(number);
    }
    let precision = usize::from((precision & 0xff) as u8);
    let digits = format!("{:.precision$}", number.abs());
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits.as_str(), None),
    };
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    // The sign is that of the number before rounding, and zero has none.
    if number < 0.0 {
        text.push('-');
    }
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// `%e`: six digits after the point and the exponent in superscript, padded with spaces on the left
/// to `width`, which is kept in sixteen bits there.
pub(super) fn scientific(number: f64, width: u64) -> String {
    let text = if number.is_finite() {
        exponential(number)
    } else {
        special(number)
    };
    let width = usize::from((width & 0xffff) as u16);
    let padding = width.saturating_sub(text.chars().count());
    let mut padded = " ".repeat(padding);
    padded.push_str(&text);
    padded
}

fn exponential(number: f64) -> String {
    let digits = format!("{:.6e}", number.abs());
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let mut text = String::new();
    if number < 0.0 {
        text.push('-');
    }
    text.push_str(mantissa);
    text.push_str("×10");
    let exponent = match exponent.strip_prefix('-') {
        Some(exponent) => {
            text.push('⁻');
            exponent
        }
        None => exponent,
    };
    if exponent.len() < 2 {
        text.push('⁰');
    }
    text.extend(exponent.chars().map(superscript));
    text
}

fn superscript(digit: char) -> char {
    match digit {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    }
}

fn special(number: f64) -> String {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "∞"
    } else {
        "-∞"
    }
    .to_owned()
}
