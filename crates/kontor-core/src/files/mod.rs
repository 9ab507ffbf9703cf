//! Files: they arrive in parts, are kept once however often the same content comes, and are read by who may read the
//! record that holds them. What nobody holds a day after it came goes again.
//!
//! The content lies in the workspace's own database, in parts of 256 KiB, and not in a folder beside it: so a file and
//! the record that names it become durable together, every process of a PostgreSQL installation sees it, a copy of the
//! workspace is whole, and no name that somebody made up ever reaches a file system.

pub(crate) mod made;
mod media;
mod name;
mod own;
mod read;
mod receive;
mod sweep;

pub use kontor_store::system::{FileRow, Holder};
pub use media::{is_picture, of_bytes as media_type_of};
pub use name::safe;
pub(crate) use own::FEATURE;
pub use own::{add, demand_update, has_own, list, list_of, may_update, remove};
pub use read::{open, part};
pub(crate) use receive::hash_of;
pub use receive::{Receiver, Refused};
pub use sweep::{SWEEP, sweep, watch};

use kontor_model::value::HeldFile;

/// What a record says of a file that it holds.
pub fn held(row: &FileRow) -> HeldFile {
    HeldFile {
        id: row.id,
        name: row.name.clone(),
        size: row.size,
        media_type: row.media_type.clone(),
        pixels: row.pixels,
        signed: None,
    }
}
