//! Tells every process that people were changed: what was remembered of them is read again.

use kontor_store::{SystemWrite, Write};
use uuid::Uuid;

/// The write that goes into every unit that changes users, teams, roles or preferences.
pub fn changed() -> Write {
    Write::System(Box::new(SystemWrite::SetMeta { name: "people".into(), value: Uuid::now_v7().to_string() }))
}
