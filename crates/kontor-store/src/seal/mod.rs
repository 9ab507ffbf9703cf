//! Values that are sealed where they are stored. The keys are in a file outside of the database; each workspace has its
//! own, made of the file's and of the workspace's id, and a seal holds only at the table, column and record for which it
//! was made. Whole texts of system tables (the queue, runs) are sealed by their table and column, lines of the journal by
//! what they tell of encrypted fields.

pub(crate) mod bodies;
pub(crate) mod history;
mod key_file;
pub(crate) mod plain;
mod unlock;

pub(crate) use bodies::UNCLEAN;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use kontor_model::entity::FieldModel;
use kontor_model::value::{Value, fold};
use sha2::Sha256;
use uuid::Uuid;

use crate::error::{Error, Result};

/// What every sealed text begins with; then come the name of the key and the sealed bytes.
pub(crate) const MARK: &str = "sealed1.";
/// Bytes that are drawn for each seal.
const NONCE: usize = 24;

/// Seals and opens. Cheap to clone; locked until [`crate::Store::unlock`].
#[derive(Clone)]
pub(crate) struct Vault(Arc<Inner>);

struct Inner {
    /// Where the keys are.
    file: Option<PathBuf>,
    ring: OnceLock<Ring>,
    /// Whether texts of system tables are sealed, because they may hold values that are.
    protects: AtomicBool,
    /// Which fields of the published model are sealed.
    known: Mutex<Arc<history::Known>>,
}

/// The keys of one workspace.
struct Ring {
    /// By name; the first seals.
    ciphers: Vec<(String, XChaCha20Poly1305)>,
    /// The key of digests: it stays the one with which the workspace began.
    digests: [u8; 32],
}

/// Where a sealed value of a record is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot<'a> {
    /// The key of the entity.
    pub(crate) table: &'a str,
    /// The key of the field.
    pub(crate) column: &'a str,
    /// The record.
    pub(crate) id: Uuid,
}

impl Spot<'_> {
    /// The text that a seal is bound to. Columns that are moved aside or in the making are those of their field.
    fn name(self) -> String {
        format!("r_{}.{}.{}", self.table, plain_key(self.column), self.id.simple())
    }
}

/// The key of a field without what says that its columns are moved aside or in the making.
fn plain_key(key: &str) -> &str {
    let key = key.split_once("__was_").map_or(key, |(key, _)| key);
    key.split_once("__to_").map_or(key, |(key, _)| key)
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_open() { "Vault(open)" } else { "Vault(locked)" })
    }
}

impl Vault {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        let inner =
            Inner { file, ring: OnceLock::new(), protects: AtomicBool::new(false), known: Mutex::default() };
        Self(Arc::new(inner))
    }

    pub(crate) fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.ring.get().is_some()
    }

    /// Whether texts of system tables are sealed from now on.
    pub(crate) fn protect(&self, protects: bool) {
        self.0.protects.store(protects, Ordering::Relaxed);
    }

    /// Whether texts of system tables are to be sealed.
    pub(crate) fn protects(&self) -> bool {
        self.is_open() && self.0.protects.load(Ordering::Relaxed)
    }

    /// Remembers which fields of the published model are sealed.
    pub(crate) fn remember(&self, known: history::Known) {
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }

    /// Which fields of the published model are sealed.
    pub(crate) fn known(&self) -> Arc<history::Known> {
        Arc::clone(&self.0.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn ring(&self) -> Result<&Ring> {
        self.0.ring.get().ok_or_else(|| Error::Key("the key of encrypted values was not read".into()))
    }

    /// Seals bytes for one place.
    pub(crate) fn seal(&self, place: &str, bytes: &[u8]) -> Result<String> {
        let Some((name, cipher)) = self.ring()?.ciphers.first() else {
            return Err(Error::Key("there is no key to encrypt with".into()));
        };
        let nonce = random::<NONCE>()?;
        let payload = Payload { msg: bytes, aad: place.as_bytes() };
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Key("a value could not be encrypted".into()))?;
        let mut all = nonce.to_vec();
        all.extend(sealed);
        Ok(format!("{MARK}{name}.{}", URL_SAFE_NO_PAD.encode(all)))
    }

    /// The bytes of a seal that was made for this place.
    pub(crate) fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>> {
        let wrong = |why: &str| Error::Unsealed { place: place.to_owned(), reason: why.to_owned() };
        let Some((name, text)) = sealed.strip_prefix(MARK).and_then(|rest| rest.split_once('.')) else {
            return Err(wrong("it is not encrypted as it should be"));
        };
        let Some((_, cipher)) = self.ring()?.ciphers.iter().find(|(known, _)| known == name) else {
            return Err(wrong(&format!("the key {name} is not in the key file")));
        };
        let all = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong("it was cut or changed"))?;
        let (nonce, bytes) =
            all.split_first_chunk::<NONCE>().ok_or_else(|| wrong("it was cut or changed"))?;
        let payload = Payload { msg: bytes, aad: place.as_bytes() };
        cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| wrong("it was changed, or belongs to another record or field, or to another key"))
    }

    /// Seals a value of a record.
    pub(crate) fn seal_value(
        &self,
        field: &FieldModel,
        value: &Value,
        spot: Spot<'_>,
    ) -> Result<Option<String>> {
        if value.is_empty() {
            return Ok(None);
        }
        let misfit = || Error::Query(format!("`{}` cannot keep such a value encrypted", field.name));
        let bytes = plain::write(field, value).ok_or_else(misfit)?;
        self.seal(&spot.name(), &bytes).map(Some)
    }

    /// The value of a record again.
    pub(crate) fn open_value(&self, sealed: &str, spot: Spot<'_>) -> Result<Value> {
        let place = spot.name();
        let bytes = self.open(&place, sealed)?;
        let unknown = || Error::Unsealed { place: place.clone(), reason: "it is none".into() };
        plain::read(&bytes).ok_or_else(unknown)
    }

    /// The digest by which equal values of one field are found, with case and width of letters or without; `None` for
    /// what no value of the field can equal.
    pub(crate) fn digest(
        &self,
        field: &FieldModel,
        value: &Value,
        table: &str,
        folded: bool,
    ) -> Result<Option<String>> {
        let folded = value.as_text().filter(|_| folded).map(|text| Value::text(fold(text).into_owned()));
        let Some(bytes) = plain::write(field, folded.as_ref().unwrap_or(value)) else { return Ok(None) };
        let place = format!("r_{table}.{}.", plain_key(&field.key));
        let digest = hmac(&self.ring()?.digests, &[place.as_bytes(), &bytes]);
        Ok(Some(URL_SAFE_NO_PAD.encode(digest)))
    }

    /// A text of a system table, sealed where that is to be.
    pub(crate) fn seal_body(&self, table: &str, column: &str, text: String) -> Result<String> {
        if !self.protects() {
            return Ok(text);
        }
        self.seal(&format!("s_{table}.{column}"), text.as_bytes())
    }

    /// A text of a system table, opened where it is sealed.
    pub(crate) fn open_body(&self, table: &str, column: &str, text: String) -> Result<String> {
        if !text.starts_with(MARK) {
            return Ok(text);
        }
        let place = format!("s_{table}.{column}");
        let bytes = self.open(&place, &text)?;
        String::from_utf8(bytes).map_err(|_| Error::Corrupt { what: place, reason: "it is no text".into() })
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Bytes that nobody can foretell.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Key(format!("no random numbers: {error}")))?;
    Ok(bytes)
}
