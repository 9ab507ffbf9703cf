//! The file with the keys: one a line, its name and 32 bytes as Base64. The first seals; all of them open. It is made on
//! the first need, readable by its owner alone.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};

/// What stands above the keys.
const HEAD: &str = "# The key of Kontor's encrypted fields. Whoever has it and the database can read them; without it they are lost.\n\
# Keep a copy of this file, apart from the backups of the database. A new key goes on a line of its own above the others.\n";

/// A key by its name.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) bytes: [u8; 32],
}

/// The keys of a file.
pub(super) fn read(file: &Path) -> Result<Vec<Key>> {
    match std::fs::read_to_string(file) {
        Ok(text) => parse(file, &text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::Key(format!("{} cannot be read: {error}", file.display()))),
    }
}

/// The keys of a file, which is made with a new key when there is none. Of two that make it at once, one does.
pub(super) fn read_or_make(file: &Path) -> Result<Vec<Key>> {
    let known = read(file)?;
    if !known.is_empty() {
        return Ok(known);
    }
    // Whether it was emptied by mistake or is meant to be filled: that is not for us to overwrite.
    if file.exists() {
        return Err(Error::Key(format!("{} holds no key: put one in, or remove the file", file.display())));
    }
    let unwritable =
        |error: std::io::Error| Error::Key(format!("{} cannot be made: {error}", file.display()));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let name: String =
        std::iter::once('k').chain(uuid::Uuid::now_v7().simple().to_string().chars().take(12)).collect();
    let text = format!("{HEAD}{name} {}\n", STANDARD.encode(super::random::<32>()?));
    // Written beside it first: whoever finds the file finds the whole of it.
    let draft = file.with_extension(format!("key-{name}"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(&draft).and_then(|mut made| {
        made.write_all(text.as_bytes())?;
        made.sync_all()
    });
    // A link is refused where there is a file by now; then that one counts.
    let linked = written.and_then(|()| match std::fs::hard_link(&draft, file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    std::fs::remove_file(&draft).ok();
    linked.map_err(unwritable)?;
    read(file)
}

fn parse(file: &Path, text: &str) -> Result<Vec<Key>> {
    let wrong = |line: usize, what: &str| Error::Key(format!("{}, line {line}: {what}", file.display()));
    let mut keys: Vec<Key> = Vec::new();
    for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, key)) = line.split_once(char::is_whitespace) else {
            return Err(wrong(at, "a key is its name, a blank, and 32 bytes as Base64"));
        };
        if !name.chars().all(|letter| letter.is_ascii_alphanumeric()) || name.len() > 40 {
            return Err(wrong(at, "the name of a key is made of letters and digits"));
        }
        let bytes = STANDARD.decode(key.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let Some(bytes) = bytes else { return Err(wrong(at, "the key is not 32 bytes as Base64")) };
        if keys.iter().any(|known| known.name == name) {
            return Err(wrong(at, "two keys have the same name"));
        }
        keys.push(Key { name: name.to_owned(), bytes });
    }
    Ok(keys)
}
