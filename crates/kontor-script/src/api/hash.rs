//! Digests.

use rhai::Module;
use sha2::{Digest, Sha256};

use super::builder::add;

/// The functions `hash::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_doc("Digests.");
    add(
        &mut module,
        "sha256",
        &["text: String", "String"],
        "The SHA-256 digest of a text in hexadecimal digits.",
        |text: &str| {
            Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut digits, byte| {
                for half in [byte >> 4, byte & 15] {
                    digits.extend(char::from_digit(u32::from(half), 16));
                }
                digits
            })
        },
    );
    module
}
