//! What a plan offers to put right by itself: options made of the values that are there.

use std::collections::BTreeSet;

use kontor_model::access::{FieldRight, Scope};
use kontor_model::definition::DefinitionKind;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{FieldKind, Json, Problem, kind};
use kontor_store::{PageQuery, Sort};
use serde_json::json;
use uuid::Uuid;

use super::change_sets;
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::field_right;

/// The most options that are made.
const MOST: usize = 200;
/// Records that are read at once.
const CHUNK: u64 = 1_000;

/// Adds an option for every value that the field holds now, as far as the actor sees, and that is none yet. Gives how many were added.
///
/// # Errors
/// `too_many` when the values are no list of options; [`Error::NotFound`] when the change set does not make the field
/// a choice.
pub async fn options_from_values(session: &Session, id: Uuid, entity: &str, field: &str) -> Result<usize> {
    let mut body = change_sets::definition(session, id, DefinitionKind::Entity, entity).await?;
    let key = body.get("key").and_then(Json::as_str).unwrap_or(entity).to_owned();
    let definition = body.pointer_mut(&format!("/properties/{field}")).ok_or(Error::NotFound)?;
    let column = definition.get("key").and_then(Json::as_str).unwrap_or(field).to_owned();
    let is_choice = definition
        .get("kind")
        .and_then(Json::as_str)
        .and_then(kind::find)
        .is_some_and(FieldKind::has_options);
    let old = session.model.entities.values().find(|old| old.key == key).ok_or(Error::NotFound)?;
    let known =
        old.fields.iter().find(|known| known.key == column).filter(|_| is_choice).ok_or(Error::NotFound)?;
    // What is encrypted does not go into a definition, nor what the reader may not see.
    let access = session.actor.access.entity(&old.name);
    let is_read = !matches!(access.read, Scope::None) && field_right(access, old, known) > FieldRight::None;
    if known.is_sealed() || known.kind.is_write_only() || !is_read {
        return Err(Error::NotFound);
    }
    let own = |index: usize| FieldPath::own(old.name.clone(), index);
    let mut query = PageQuery {
        entity: old.name.clone(),
        select: vec![own(known.index)],
        filter: Filter::Leaf(Leaf {
            path: own(known.index),
            operator: Operator::Empty,
            operand: Operand::Flag(false),
        }),
        sort: vec![Sort { path: own(system::ID), descending: false }],
        limit: CHUNK,
        ..PageQuery::default()
    };
    let mut values = BTreeSet::new();
    loop {
        let (store, context) = (&session.workspace.store, session.filter_context());
        let page = store.page(&session.model, &session.actor.access, &query, &context).await?;
        for row in &page.rows {
            let text = row.first().filter(|value| !value.is_empty());
            values.extend(
                text.map(|value| known.kind.to_text(known, value, session.actor.zone).trim().to_owned()),
            );
        }
        if values.len() > MOST {
            return Err(Problem::new("too_many", format!("/properties/{field}")).with("limit", MOST).into());
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let options = definition
        .as_object_mut()
        .ok_or(Error::NotFound)?
        .entry("oneOf")
        .or_insert_with(|| json!([]))
        .as_array_mut()
        .ok_or(Error::NotFound)?;
    let mut added = 0;
    for value in values {
        let said = |key: &str, option: &Json| option.get(key).and_then(Json::as_str) == Some(value.as_str());
        let fits =
            !value.is_empty() && value.chars().count() <= 60 && !value.contains([',', '\n', '\t', '|']);
        if fits && !options.iter().any(|option| said("const", option) || said("title", option)) {
            options.push(json!({ "const": value, "title": value }));
            added += 1;
        }
    }
    change_sets::put(session, id, DefinitionKind::Entity, entity, body).await?;
    Ok(added)
}
