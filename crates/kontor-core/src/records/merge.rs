//! Two records of one entity become one: what the one that stays has empty is filled from the other, what hangs on the other
//! hangs on it from now on, and the other goes to the bin. All of it happens in one commit, or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::entity::system;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems, Record, Value};
use kontor_store::{CommitError, JournalChange, Write};
use serde_json::json;
use uuid::Uuid;

use super::batch::Batch;
use super::carry;
use super::draft::{Incoming, Save};
use super::refused::refused;
use super::save::{commit, prepare_with, reach};
use super::view::RecordView;
use super::writes::journal_row;
use super::{delete, lists, read};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand, demand_people, field_right};

/// What the journal calls it on both records.
pub const MERGED: &str = "merge";
/// How often it is tried again when somebody's save came between its reading and its writing.
const ATTEMPTS: u32 = 3;

/// Which value a field has afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// That of the record that stays, empty or not.
    Keep,
    /// That of the other one, empty or not.
    Take,
    /// That of the record that stays; that of the other one where it is empty.
    Fill,
}

impl Choice {
    /// Reads `keep`, `take`, `fill`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "keep" => Some(Self::Keep),
            "take" => Some(Self::Take),
            "fill" => Some(Self::Fill),
            _ => None,
        }
    }
}

/// What shall become one.
#[derive(Clone, Debug)]
pub struct Merge {
    /// What both are.
    pub entity: Arc<EntityModel>,
    /// The one that stays.
    pub into: Uuid,
    /// The one that goes to the bin.
    pub from: Uuid,
    /// Fields for which it is said which value they have; the others are filled.
    pub fields: BTreeMap<String, Choice>,
}

/// Merges two records; the one that stays as the actor sees it, and what was warned of.
///
/// # Errors
/// [`Error::NotFound`] for a record that the actor does not see, [`Error::Forbidden`] without the right to update the one and
/// delete the other; problems with everything that stands in the way.
pub async fn merge(session: &Session, wanted: &Merge) -> Result<(RecordView, Problems)> {
    let mut attempt = 1;
    loop {
        let mut batch = Batch::default();
        let warnings = match prepare_merge(session, &mut batch, wanted).await {
            Ok(warnings) => warnings,
            Err(error) => return Err(session.unless_outdated(error).await),
        };
        lists::ask_together(session, &mut batch).await?;
        match commit(session, &mut batch).await {
            Ok(_) => return Ok((read::get(session, &wanted.entity, wanted.into).await?, warnings)),
            Err(CommitError::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(refused(session, &batch.places, error).await),
        }
    }
}

/// The writes of a merge, into a batch.
///
/// # Errors
/// As [`merge`].
pub async fn prepare_merge(session: &Session, batch: &mut Batch, wanted: &Merge) -> Result<Problems> {
    let (entity, into, from) = (&wanted.entity, wanted.into, wanted.from);
    demand(session, entity, Verb::Read)?;
    demand(session, entity, Verb::Delete)?;
    demand_people(session, entity)?;
    let mine = reach(session, batch, entity, into, Verb::Update).await?;
    let theirs = reach(session, batch, entity, from, Verb::Delete).await.map_err(|error| match error {
        Error::NotFound => Problem::at_field("not_found", "from").into(),
        error => error,
    })?;
    if into == from {
        return Err(Problem::at_field("merge_with_itself", "from").into());
    }
    // Everything names people, and those stay who they are.
    if entity.holds_people() {
        return Err(Problem::new("not_merged", "").with("entity", &entity.title).into());
    }
    let (typed, automated) = values(session, wanted, &mine, &theirs)?;
    let links: Vec<_> = entity.back_links.clone();
    for link in &links {
        carry::links(session, batch, link, (entity, from), (entity, into)).await?;
    }
    delete::prepare(session, batch, entity, from, None).await?;
    let save = Save::update(entity, into, typed);
    let prepared = Box::pin(prepare_with(session, batch, save, automated)).await?;
    for what in ["comments", "files", "followers"] {
        carry::beside(batch, what, (entity, from), (entity, into));
    }
    let told = [
        (into, prepared.draft.record.version(), json!({ "from": from })),
        (from, theirs.version() + 1, json!({ "into": into })),
    ];
    for (record, version, new) in told {
        let change = JournalChange { field: "id".to_owned(), old: Json::Null, new };
        batch.unit.push(Write::Journal(journal_row(session, entity, record, version, MERGED, vec![change])));
    }
    Ok(prepared.draft.problems)
}

type Values = (Vec<(String, Incoming)>, Vec<(usize, Value)>);

/// What the record that stays gets of the other one. Whoever says that a value is taken needs the right to the field; what
/// is filled is not lost to anybody for want of it.
fn values(session: &Session, wanted: &Merge, mine: &Record, theirs: &Record) -> Result<Values> {
    let entity = &wanted.entity;
    let access = session.actor.access.entity(&entity.name);
    let (mut typed, mut automated, mut problems) = (Vec::new(), Vec::new(), Problems::new());
    for name in wanted.fields.keys() {
        let at = format!("/fields/{name}");
        match entity.field(name).filter(|field| field_right(access, entity, field) > FieldRight::None) {
            None => problems.push(Problem::new("unknown_field", at).with("field", name)),
            Some(field) if !is_merged(field) => {
                problems.push(Problem::new("not_writable", at).with("field", name));
            }
            Some(field)
                if wanted.fields.get(name) == Some(&Choice::Take)
                    && field_right(access, entity, field) < FieldRight::Edit =>
            {
                problems.push(Problem::new("read_only", at).with("field", &field.title));
            }
            Some(_) => {}
        }
    }
    problems.into_result(())?;
    for field in entity.fields.iter().filter(|field| is_merged(field)) {
        let (own, other) = (mine.at(field.index), theirs.at(field.index));
        let usual = if field.index == system::OWNER { Choice::Keep } else { Choice::Fill };
        let is_taken = match wanted.fields.get(&field.name).copied().unwrap_or(usual) {
            Choice::Keep => false,
            Choice::Take => true,
            Choice::Fill => own.is_empty(),
        };
        // A record does not lead to itself, nor to what has gone.
        let leads_away = field.kind.is_link() && own.as_id() == Some(wanted.from);
        if leads_away && field.targets.contains(&entity.name) {
            automated.push((field.index, Value::Empty));
            continue;
        }
        let leads_here = field.kind.is_link() && other.as_id() == Some(wanted.into);
        if !is_taken || own == other || leads_here {
            continue;
        }
        if field.kind.holds_files() {
            // Whoever takes over files reads them.
            let json = if other.is_empty() { Json::Null } else { field.kind.to_json(field, other) };
            if field_right(access, entity, field) == FieldRight::Edit {
                typed.push((field.name.clone(), Incoming::Json(json)));
            }
            continue;
        }
        automated.push((field.index, other.clone()));
        if let Some(currency) = entity.currency_of(field.index) {
            automated.push((currency.index, theirs.at(currency.index).clone()));
        }
    }
    Ok((typed, automated))
}

/// Whether a field has one value of its own that can be taken from another record. Numbers that are drawn stay with their
/// record, and so does which type of record it is; the records of lists follow their links.
fn is_merged(field: &FieldModel) -> bool {
    field.is_typed()
        && field.part.is_none()
        && field.companion_of.is_none()
        && field.definition.write.as_deref() != Some("nobody")
        && field.name != "record_type"
        && !(field.kind.is_list() || field.kind.is_drawn() || field.kind.is_write_only())
}
