//! What a role takes away, whatever other roles grant.

use kontor_model::Json;
use kontor_model::access::{EntityAccess, FieldRight, Scope};

/// The line of every entity.
const EVERY: &str = "*";

/// Takes away what a role denies of an entity, by name and of every one.
pub(super) fn take_away(role: &Json, entity: &str, access: &mut EntityAccess) {
    let Some(denied) = role.get("deny") else { return };
    for line in [EVERY, entity].into_iter().filter_map(|name| denied.get(name)) {
        let words =
            |key: &str| line.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        for field in words("fields") {
            access.fields.insert(field.to_owned(), FieldRight::None);
        }
        for verb in words("verbs") {
            take_verb(verb, access);
        }
    }
}

fn take_verb(verb: &str, access: &mut EntityAccess) {
    match verb {
        "create" => access.create = false,
        "update" => access.update = Scope::None,
        "delete" => access.delete = Scope::None,
        "purge" => access.purge = Scope::None,
        "import" => access.import = false,
        "export" => access.export = false,
        "bulk" => access.bulk = false,
        "assign" => access.assign = false,
        "share" => access.share = false,
        "comment" => access.comment = false,
        "run" => access.run = false,
        // Without reading, and for a word that is not known, nothing is left but what is hidden: that stays hidden where the
        // record is shown by something else.
        _ => {
            let hidden = std::mem::take(access);
            *access =
                EntityAccess { fields: hidden.fields, reveal: hidden.reveal, ..EntityAccess::default() };
        }
    }
}
