//! An authenticator app: it reads the key that a page shows, and tells codes by the clock (RFC 6238).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// The key in an app.
#[derive(Clone, Debug)]
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// Reads a key as it is typed, in groups of base 32.
    pub fn new(key: &str) -> Self {
        let (mut held, mut bits, mut bytes) = (0_u32, 0_u32, Vec::new());
        for letter in key.bytes().filter(|letter| !letter.is_ascii_whitespace()) {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter);
            held = (held << 5) | u32::try_from(value.expect("base 32")).unwrap();
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from((held >> bits) & 255).unwrap());
            }
        }
        Self(bytes)
    }

    /// The code of now, or of so many half minutes later.
    pub fn code(&self, later: u64) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap();
        mac.update(&(now / 30 + later).to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let at = usize::from(digest[19] & 15);
        let number = u32::from_be_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}
