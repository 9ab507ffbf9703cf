//! One-time codes by the clock (RFC 6238): six digits, a new one each half minute, as authenticator apps show them.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// How long a code counts, in seconds.
const STEP: i64 = 30;
/// Codes of so many steps before and after now are taken: clocks differ, and people type slowly.
const AROUND: i64 = 1;
/// Bytes of a key, as RFC 4226 recommends.
pub const KEY: usize = 20;
/// The letters of RFC 4648 base 32.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A key that belongs to a secret and to something said once: it need not be kept before it is proved.
pub fn key_of(secret: &str, said: &str) -> [u8; KEY] {
    let mut digest = Sha256::new();
    for part in ["second factor", said, secret] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let mut key = [0; KEY];
    key.iter_mut().zip(digest.finalize()).for_each(|(one, byte)| *one = byte);
    key
}

/// Bytes as base 32, without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    LETTERS.get((value & 31) as usize).copied().map_or('A', char::from)
}

/// The bytes of base 32 without padding; `None` for what is none.
pub fn read_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        held = (held << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 255).ok()?);
        }
    }
    Some(bytes)
}

/// The text in groups of four letters, which people type more easily.
pub fn grouped(text: &str, between: char) -> String {
    let mut grouped = String::new();
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            grouped.push(between);
        }
        grouped.push(letter);
    }
    grouped
}

/// The address that authenticator apps read from a picture.
pub fn address(issuer: &str, person: &str, key: &[u8]) -> String {
    let plain = |text: &str| {
        let mut encoded = String::new();
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                // Writing into a text cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    };
    // A colon parts the two names.
    let (issuer, person) = (plain(&issuer.replace(':', " ")), plain(person));
    format!(
        "otpauth://totp/{issuer}:{person}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}",
        base32(key)
    )
}

/// The step of the clock.
fn step(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(STEP)
}

/// The code of a step.
fn code(key: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest.last()? & 15);
    let four: [u8; 4] = digest.get(at..at + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000))
}

/// The step to which a typed code belongs, when it counts now and no code of that step or a later one was taken before.
pub fn accepted(key: &[u8], typed: &str, now: DateTime<Utc>, last: Option<i64>) -> Option<i64> {
    let here = step(now);
    (here - AROUND..=here + AROUND)
        .filter(|step| last.is_none_or(|last| *step > last))
        .find(|step| code(key, *step).is_some_and(|code| super::secret::same(&code, typed)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// The vectors of RFC 6238, appendix B, SHA-1; their eight digits end with our six.
    #[test]
    fn codes_are_those_of_the_standard() {
        let key = b"12345678901234567890";
        for (seconds, expected) in [
            (59_i64, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code(key, seconds / STEP).unwrap(), expected[2..], "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_around_its_time_and_once() {
        let key = b"12345678901234567890";
        let now = DateTime::from_timestamp(1_111_111_111, 0).unwrap();
        let here = step(now);
        for away in -3..=3 {
            let typed = code(key, here + away).unwrap();
            let expected = (-1..=1).contains(&away).then_some(here + away);
            assert_eq!(accepted(key, &typed, now, None), expected, "{away}");
            // Once a code was taken, it and those before it count no more.
            assert_eq!(accepted(key, &typed, now, Some(here + away)), None, "{away}");
        }
        assert_eq!(accepted(key, "", now, None), None);
        assert_eq!(accepted(key, "94287082", now, None), None);
    }

    /// The vectors of RFC 4648, without padding.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (text, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(text.as_bytes()), expected);
            assert_eq!(read_base32(expected).unwrap(), text.as_bytes());
        }
        assert_eq!(read_base32("1"), None);
        assert_eq!(grouped("MZXW6YTBOI", ' '), "MZXW 6YTB OI");
    }

    #[test]
    fn the_address_is_one() {
        let address = address("A: B & C", "ä@example.test", b"12345678901234567890");
        assert!(
            address.starts_with("otpauth://totp/A%20%20B%20%26%20C:%C3%A4%40example.test?secret=GEZDGNBV")
        );
        assert_eq!(key_of("a", "b"), key_of("a", "b"));
        assert_ne!(key_of("a", "b"), key_of("b", "a"));
    }
}
