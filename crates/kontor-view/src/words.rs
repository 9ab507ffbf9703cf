//! The texts of all languages, one file each below `locale/`. How they are said is in [`kontor_model::words`].

use std::sync::Arc;

use kontor_model::locale::Catalogue;
pub use kontor_model::words::{Words, grouped};
use rust_embed::RustEmbed;
use serde_json::Value;

use crate::Error;

#[derive(RustEmbed)]
#[folder = "../../locale/"]
struct Files;

/// The language whose words stand in where another language lacks them.
pub const FALLBACK: &str = "en";

/// The catalogues of all languages that have a file below `locale/`, the fallback language first.
pub fn catalogues() -> Result<Vec<Arc<Catalogue>>, Error> {
    let file = Files::get(&format!("{FALLBACK}.json")).ok_or(Error::NoFallback)?;
    let fallback = Arc::new(Catalogue::from_json(FALLBACK, &read(FALLBACK, &file.data)?, None));
    let mut all = vec![Arc::clone(&fallback)];
    for name in Files::iter() {
        let Some(language) = name.strip_suffix(".json").filter(|language| *language != FALLBACK) else {
            continue;
        };
        let Some(file) = Files::get(&name) else { continue };
        all.push(Arc::new(Catalogue::from_json(
            language,
            &read(language, &file.data)?,
            Some(Arc::clone(&fallback)),
        )));
    }
    Ok(all)
}

fn read(language: &str, bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes)
        .map_err(|error| Error::Catalogue { language: language.to_owned(), cause: error.to_string() })
}
