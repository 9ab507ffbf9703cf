//! A unit that was refused, in words for whoever sent it: every conflict and everything that other records have against it,
//! each at its place in what was sent.

use std::collections::HashMap;

use kontor_model::access::FieldRight;
use kontor_model::guard::Says;
use kontor_model::{EntityModel, FieldModel, Problem, Problems, Record, Value};
use kontor_store::{Against, CommitError, Committed, Duplicate, Wrong};
use uuid::Uuid;

use super::batch::Batch;
use super::draft::Draft;
use super::lists;
use super::save::commit;
use super::view::Titles;
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::field_right;

/// Where the records of a unit stand in what was sent.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The pointer of a record: empty for the one that is saved alone.
    records: HashMap<Uuid, String>,
    /// The pointer of a link, by what it points at or pointed at.
    links: HashMap<Uuid, String>,
}

impl Places {
    /// Adds a document that was sent at `at`, with its rows.
    pub fn add(&mut self, draft: &Draft, at: &str) {
        self.records.entry(draft.record.id()).or_insert_with(|| at.to_owned());
        for record in draft.old.iter().chain([&draft.record]) {
            self.add_links(&draft.entity, record, at);
        }
        for list in &draft.lists {
            let Some(field) = draft.entity.fields.get(list.field) else { continue };
            for (index, row) in list.rows.iter().enumerate() {
                self.add(row, &format!("{at}/{}/{index}", field.name));
            }
        }
    }

    /// Adds a record that goes to the bin.
    pub fn add_gone(&mut self, entity: &EntityModel, record: &Record, at: &str) {
        self.records.entry(record.id()).or_insert_with(|| at.to_owned());
        self.add_links(entity, record, at);
    }

    fn add_links(&mut self, entity: &EntityModel, record: &Record, at: &str) {
        for field in entity.fields.iter().filter(|field| field.kind.is_link()) {
            let to = match record.at(field.index) {
                Value::Id(id) => *id,
                Value::AnyLink(link) => link.id,
                _ => continue,
            };
            self.links.entry(to).or_insert_with(|| format!("{at}/{}", field.name));
        }
    }
}

/// Commits a batch, and tells in words of `reader` why it was refused.
///
/// # Errors
/// [`Error::Problems`] with everything that is in its way; [`Error::VersionConflict`], [`Error::NotFound`].
pub async fn commit_told(session: &Session, reader: &Session, batch: &mut Batch) -> Result<Committed> {
    lists::ask_together(session, batch).await?;
    match commit(session, batch).await {
        Ok(committed) => Ok(committed),
        Err(error) => Err(refused(reader, &batch.places, error).await),
    }
}

/// The error of a unit that was refused.
pub async fn refused(session: &Session, places: &Places, error: CommitError) -> Error {
    match error {
        CommitError::Duplicates(found) => Error::Problems(not_unique(session, places, &found)),
        CommitError::Against(found) => match against(session, places, found).await {
            Ok(problems) => Error::Problems(problems),
            Err(error) => error,
        },
        CommitError::Conflict { .. } => Error::VersionConflict { expected: 0, found: 0 },
        CommitError::Missing { .. } => Error::NotFound,
        CommitError::Exists(what) if what == kontor_store::system::APPROVAL => {
            Problem::new("asked_already", "").into()
        }
        CommitError::Store(error) => Error::Store(error),
        error => Error::Internal(error.to_string()),
    }
}

/// What other records have already, each at the field of the record that cannot have it.
pub(crate) fn not_unique(session: &Session, places: &Places, found: &[Duplicate]) -> Problems {
    let mut problems = Problems::new();
    for Duplicate { entity, fields, of, .. } in found {
        let Some(entity) = session.model.entity(entity) else { continue };
        let fields: Vec<&FieldModel> = fields.iter().filter_map(|index| entity.fields.get(*index)).collect();
        let label = |field: &&FieldModel| match field.part {
            Some(_) => field.full_label(entity, &session.catalogue),
            None => field.label(&session.catalogue).to_owned(),
        };
        let labels: Vec<String> = fields.iter().map(label).collect();
        // What others wrote on the way has no place in what was sent.
        let place = places.records.get(of);
        let at = place.zip(fields.first()).map(|(at, field)| format!("{at}/{}", field.name));
        let problem = Problem::new("not_unique", at.unwrap_or_default()).with("fields", labels.join(", "));
        if !problems.0.contains(&problem) {
            problems.push(problem);
        }
    }
    problems
}

/// What the documents of rows and the holders of roll-ups say.
async fn against(session: &Session, places: &Places, found: Vec<Against>) -> Result<Problems> {
    let mut titles = Titles::new();
    let named = found.iter().map(|one| (one.entity.clone(), one.id)).collect();
    super::read::add_titles(session, named, &mut titles).await?;
    let mut problems = Problems::new();
    for Against { entity, id, wrong } in found {
        let Some(entity) = session.model.entity(&entity) else { continue };
        let said = words(session, entity, &wrong);
        let at = match places.records.get(&id) {
            Some(at) => format!("{at}{}", said.path),
            None => places.links.get(&id).cloned().unwrap_or_default(),
        };
        let label = entity.label(&session.catalogue);
        let record = match titles.get(&id) {
            Some(title) => format!("{label} “{title}”"),
            None => label.to_owned(),
        };
        let text = Problem::new("in_record", "")
            .with("record", record)
            .with("what", said.message(&session.catalogue));
        problems.push(Problem::new(said.code, at).saying(text.message(&session.catalogue)));
    }
    Ok(problems)
}

/// What is wrong with the other record, at its own place there. What the reader may not know of it is not named.
fn words(session: &Session, entity: &EntityModel, wrong: &Wrong) -> Problem {
    let access = session.actor.access.entity(&entity.name);
    let hidden = |field: &FieldModel| field_right(access, entity, field) == FieldRight::None;
    let named = |problem: Problem, field: &FieldModel| {
        let text = Problem::new("in_record", "")
            .with("record", field.label(&session.catalogue))
            .with("what", problem.message(&session.catalogue));
        problem.saying(text.message(&session.catalogue))
    };
    let secret = || Problem::new("against_hidden", "");
    match wrong {
        Wrong::Says(Says::Rule(place)) => match entity.rules.get(*place) {
            Some(rule) => rule.problem(entity, &session.catalogue),
            None => secret(),
        },
        Wrong::Says(Says::Required(index)) => match entity.fields.get(*index) {
            Some(field) if !hidden(field) => named(Problem::at_field("required", &field.name), field),
            _ => secret(),
        },
        Wrong::Says(Says::Option(index, option)) => match entity.fields.get(*index) {
            Some(field) if !hidden(field) => {
                let label = field.option_label(option, &session.catalogue);
                named(Problem::at_field("option_not_now", &field.name).with("value", label), field)
            }
            _ => secret(),
        },
        Wrong::Value(problem) => match problem.field().and_then(|name| entity.field(name)) {
            Some(field) if !hidden(field) => named(problem.clone(), field),
            _ => secret(),
        },
    }
}
