//! The signature of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, as `v1,BASE64`, several with blanks between.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::Listening;
use crate::Workspace;
use crate::error::{Error, Result};
use crate::secrets;

/// How old a message may be, and how far ahead a clock may go, in seconds.
const TOLERANCE: u64 = 300;
/// The longest name of a message, and the most signatures that are looked at.
const LONGEST_ID: usize = 255;
const MOST_SIGNATURES: usize = 10;
const VERSION: &str = "v1,";

/// What stands on a message beside its body.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// `webhook-id`: the same however often the message is sent.
    pub id: &'a str,
    /// `webhook-timestamp`: seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
}

/// Why a message is not believed; the other side is told only that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// No name, or one that is none.
    Id,
    /// No moment, or one too far from now.
    Timestamp,
    /// No key that signs is kept under the name of the secret.
    Secret,
    /// None of the keys made the signature.
    Signature,
}

impl Doubt {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Timestamp => "timestamp",
            Self::Secret => "secret",
            Self::Signature => "signature",
        }
    }
}

/// Whether a message is from whom the secret of the hook was given to, and is of now.
///
/// # Errors
/// [`Error::Unauthenticated`] when it is not: why is kept for administrators.
pub async fn verify(
    workspace: &Workspace,
    listening: &Listening,
    envelope: Envelope<'_>,
    body: &[u8],
) -> Result<()> {
    let now = workspace.clock.now();
    let keys = secrets::keys(workspace, &listening.hook.secret, now).await?;
    match check(&keys, envelope, body, now) {
        Ok(()) => Ok(()),
        Err(doubt) => {
            super::turn_away(workspace, &listening.hook.name, doubt.as_str()).await?;
            Err(Error::Unauthenticated)
        }
    }
}

fn check(keys: &[Vec<u8>], envelope: Envelope<'_>, body: &[u8], now: DateTime<Utc>) -> Result<(), Doubt> {
    let is_id = |letter: char| letter.is_ascii_graphic();
    if envelope.id.is_empty() || envelope.id.len() > LONGEST_ID || !envelope.id.chars().all(is_id) {
        return Err(Doubt::Id);
    }
    let digits = envelope.timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let at: i64 = envelope.timestamp.parse().ok().filter(|_| digits).ok_or(Doubt::Timestamp)?;
    if now.timestamp().abs_diff(at) > TOLERANCE {
        return Err(Doubt::Timestamp);
    }
    if keys.is_empty() {
        return Err(Doubt::Secret);
    }
    let given = envelope.signature.split_ascii_whitespace().take(MOST_SIGNATURES);
    let given: Vec<Vec<u8>> =
        given.filter_map(|one| STANDARD.decode(one.strip_prefix(VERSION)?).ok()).collect();
    let mut is_signed = false;
    for key in keys {
        for one in &given {
            // All are compared, each in a time that says nothing about where it differs.
            is_signed |= mac(key, envelope.id, envelope.timestamp, body)
                .is_some_and(|mac| mac.verify_slice(one).is_ok());
        }
    }
    if is_signed { Ok(()) } else { Err(Doubt::Signature) }
}

/// The signature of a message that goes out.
pub(crate) fn sign(key: &[u8], id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let mac = mac(key, id, &timestamp.to_string(), body)?;
    Some(format!("{VERSION}{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn mac(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    use hmac::KeyInit as _;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(mac)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// The example of the specification of Standard Webhooks.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_example_of_the_specification_is_signed_as_it_says() {
        let key = secrets::key(SECRET).unwrap();
        assert_eq!(sign(&key, ID, AT, BODY).unwrap(), SIGNATURE);
    }

    #[test]
    fn only_what_a_key_signed_lately_is_believed() {
        let key = secrets::key(SECRET).unwrap();
        let other = vec![7; 32];
        let at = |seconds: i64| DateTime::from_timestamp(AT + seconds, 0).unwrap();
        let envelope = Envelope { id: ID, timestamp: "1614265330", signature: SIGNATURE };
        let keys = [key.clone()];
        assert_eq!(check(&keys, envelope, BODY, at(0)), Ok(()));
        assert_eq!(check(&keys, envelope, BODY, at(300)), Ok(()));
        assert_eq!(check(&keys, envelope, BODY, at(-300)), Ok(()));
        assert_eq!(check(&[other.clone(), key], envelope, BODY, at(0)), Ok(()));
        let several = format!("v1a,xxx v1,AAAA {SIGNATURE} v2,abc");
        assert_eq!(check(&keys, Envelope { signature: &several, ..envelope }, BODY, at(0)), Ok(()));

        assert_eq!(check(&keys, envelope, BODY, at(301)), Err(Doubt::Timestamp));
        assert_eq!(check(&keys, envelope, BODY, at(-301)), Err(Doubt::Timestamp));
        assert_eq!(check(&keys, envelope, b"{}", at(0)), Err(Doubt::Signature));
        assert_eq!(check(&[other], envelope, BODY, at(0)), Err(Doubt::Signature));
        assert_eq!(check(&[], envelope, BODY, at(0)), Err(Doubt::Secret));
        for wrong in ["", "1614265331x", "+1614265330", "1e9", " 1614265330", "99999999999999999999"] {
            let told = check(&keys, Envelope { timestamp: wrong, ..envelope }, BODY, at(0));
            assert_eq!(told, Err(Doubt::Timestamp), "{wrong}");
        }
        for wrong in ["", "a b", "ä", &"x".repeat(256)] {
            assert_eq!(
                check(&keys, Envelope { id: wrong, ..envelope }, BODY, at(0)),
                Err(Doubt::Id),
                "{wrong}"
            );
        }
        let bare = SIGNATURE.trim_start_matches("v1,");
        for wrong in
            ["", bare, "v1,", "v1", &format!("v2,{bare}"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="]
        {
            let told = check(&keys, Envelope { signature: wrong, ..envelope }, BODY, at(0));
            assert_eq!(told, Err(Doubt::Signature), "{wrong}");
        }
    }
}
