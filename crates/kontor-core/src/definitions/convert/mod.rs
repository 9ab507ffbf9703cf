//! A field changes its kind: what was there is moved aside with everything in it, and its values are carried over into
//! columns of the new kind.

mod rules;
mod titles;

use std::sync::Arc;

use kontor_model::diff::SchemaChange;
use kontor_model::entity::system;
use kontor_model::kind::{CONVERTED, ParseContext, part_of};
use kontor_model::locale::Catalogue;
use kontor_model::{EntityModel, FieldModel, Model, Value};
use kontor_store::{Carry, Fill, FillRows, FillTarget, Staged};
use uuid::Uuid;

use self::rules::Converter;
use super::candidate::Candidate;
use super::findings::{Finding, shown};
use crate::Session;
use crate::error::Result;

/// Records that are read at once.
const CHUNK: u64 = 1_000;
/// Records that a plan looks at; the copy itself looks at all of them.
const MOST: u64 = 200_000;
/// Values that are named.
const NAMED: usize = 20;

/// The values of one field that are carried over into another.
pub struct Conversion {
    /// The key of the entity.
    pub table: String,
    /// The key of the field.
    pub key: String,
    /// The kinds before and after.
    pub kinds: (String, String),
    /// As it is now.
    old: FieldModel,
    /// As it will be.
    new: FieldModel,
    /// The columns of the new kind that an earlier change moved aside.
    parked: Option<FieldModel>,
    /// Where the old columns are moved.
    aside: FieldModel,
    /// When a record was changed last.
    changed: FieldModel,
    carry: Carry,
    converter: Arc<Converter>,
    /// The fields that follow the new one and are new with it: the parts of an address, the currency of an amount.
    followers: Vec<Follower>,
}

/// A field that is new with the converted one.
struct Follower {
    field: FieldModel,
    /// Makes its value of the values that the converted field is made of, and of what it held before.
    carry: Carry,
    /// Whether its columns are parked.
    is_kept: bool,
}

/// What became of the values that were looked at.
#[derive(Debug, Default)]
pub struct Trial {
    /// Records that hold a value.
    pub rows: u64,
    /// Values that do not convert, with the first of them.
    pub lost: Finding,
    /// Values that convert and would not come back the same.
    pub coarser: Finding,
}

impl Conversion {
    /// The fill that carries everything over inside a publish, after the columns got their new names.
    pub fn inside(&self, rows: FillRows) -> Fill {
        let mut sources = vec![self.aside.clone()];
        if self.parked.is_some() {
            sources.push(self.new.clone());
        }
        sources.push(self.changed.clone());
        let mut targets = vec![FillTarget { field: self.new.clone(), carry: Arc::clone(&self.carry) }];
        targets.extend(self.followers.iter().map(|follower| FillTarget {
            field: follower.field.clone(),
            carry: Arc::clone(&follower.carry),
        }));
        let forget = self.new.is_sealed() && !self.old.is_sealed();
        Fill { table: self.table.clone(), sources, targets, rows, forget }
    }

    /// The fill that carries values over beforehand, while the old columns are in use.
    pub fn beforehand(&self, session: &Session, rows: FillRows) -> Fill {
        let mut sources = vec![self.old.clone()];
        sources.extend(self.parked.clone());
        sources.push(self.changed.clone());
        let own = sources.len();
        let main = Arc::clone(&self.carry);
        let carry: Carry =
            Arc::new(move |values, before| main(values.get(..own).unwrap_or_default(), before));
        let mut targets = vec![FillTarget { field: self.target(session), carry }];
        for follower in &self.followers {
            let kept = follower.is_kept.then_some(sources.len());
            sources.extend(follower.is_kept.then(|| follower.field.clone()));
            let main = Arc::clone(&follower.carry);
            let carry: Carry = Arc::new(move |values, before| {
                let kept = kept.and_then(|place| values.get(place)).filter(|_| before.is_empty());
                main(values.get(..own).unwrap_or_default(), kept.unwrap_or(before))
            });
            let field = session.workspace.store.staged_field(&follower.field);
            targets.push(FillTarget { field, carry });
        }
        Fill { table: self.table.clone(), sources, targets, rows, forget: false }
    }

    /// The columns that are filled beforehand, for those of the converted field first: those that were parked, or new
    /// ones.
    pub fn staged(&self, session: &Session) -> Vec<Staged> {
        let staged = |field: &FieldModel, target: FieldModel| Staged {
            table: self.table.clone(),
            field: field.clone(),
            target,
        };
        let store = &session.workspace.store;
        let mut all = vec![staged(&self.new, self.target(session))];
        all.extend(self.followers.iter().map(|one| staged(&one.field, store.staged_field(&one.field))));
        all
    }

    fn target(&self, session: &Session) -> FieldModel {
        self.parked.clone().unwrap_or_else(|| session.workspace.store.staged_field(&self.new))
    }

    /// The columns that are read.
    pub fn source(&self) -> &FieldModel {
        &self.old
    }
}

/// The conversion that a change asks for; `None` when it asks for none.
pub async fn of_change(
    session: &Session,
    old: &Model,
    candidate: &Candidate,
    change: &SchemaChange,
) -> Result<Option<Conversion>> {
    let SchemaChange::ConvertField { entity, field, .. } = change else { return Ok(None) };
    Box::pin(of_field(session, old, candidate, entity, field)).await
}

/// The conversion of a field into what it will be.
pub async fn of_field(
    session: &Session,
    old: &Model,
    candidate: &Candidate,
    entity: &str,
    field: &str,
) -> Result<Option<Conversion>> {
    let Some((old_entity, old_field, new_entity, new_field)) = fields(old, candidate, entity, field) else {
        return Ok(None);
    };
    let workspace = &session.workspace;
    let titles = titles::of(session, old, old_field, new_field).await?;
    let converter = Converter {
        old: old_field.clone(),
        new: new_field.clone(),
        zone: workspace.settings().zone,
        now: session.now,
        currency: workspace.settings().currency.clone(),
        catalogue: old.catalogue("en"),
        back_to: candidate.back_to,
        titles,
    };
    let converter = Arc::new(converter);
    let own = Arc::clone(&converter);
    let carry: Carry = Arc::new(move |values: &[Value], _: &Value| own.carry(values));
    let Some(changed) = old_entity.fields.get(system::UPDATED_AT).cloned() else { return Ok(None) };
    Ok(Some(Conversion {
        changed,
        table: new_entity.key.clone(),
        key: new_field.key.clone(),
        kinds: (old_field.kind.name().to_owned(), new_field.kind.name().to_owned()),
        old: old_field.clone(),
        new: new_field.clone(),
        parked: workspace.store.parked_field(&old_entity.key, new_field).await?,
        aside: workspace.store.aside_field(&old_entity.key, old_field).await?,
        followers: followers(session, old_entity, new_entity, new_field, &carry, &converter).await?,
        carry,
        converter,
    }))
}

/// The fields behind a converted one that its old kind did not have, each with what it becomes: its part of the new
/// value; the currency that its text names, else the one that was kept, else the one that amounts have by themselves.
async fn followers(
    session: &Session,
    old: &EntityModel,
    new: &EntityModel,
    field: &FieldModel,
    carry: &Carry,
    converter: &Arc<Converter>,
) -> Result<Vec<Follower>> {
    let is_new = |other: &&FieldModel| {
        other.companion_of == Some(field.index)
            && other.part != Some(CONVERTED)
            && !other.is_derived()
            && !old.fields.iter().any(|known| known.key == other.key)
    };
    let mut found = Vec::new();
    for follower in new.fields.iter().filter(is_new).filter(|_| !field.is_derived()) {
        let (whole, own, converter) = (Arc::clone(carry), follower.clone(), Arc::clone(converter));
        let follow: Carry = Arc::new(move |values: &[Value], kept: &Value| {
            let (value, _) = whole(values, &Value::Empty);
            let becomes = match own.part {
                Some(_) => {
                    let catalogue = Catalogue::default();
                    part_of(&own, &value, &ParseContext::neutral(&catalogue))
                }
                None if value.is_empty() => Value::Empty,
                None => match (converter.named_currency(values), converter.own_currency(&converter.new)) {
                    (Some(named), _) => Value::text(named),
                    (None, Some(own)) if kept.is_empty() => Value::text(own),
                    (None, _) => kept.clone(),
                },
            };
            (becomes, false)
        });
        let is_kept = session.workspace.store.holds(&new.key, follower).await?;
        found.push(Follower { field: follower.clone(), carry: follow, is_kept });
    }
    Ok(found)
}

fn fields<'a>(
    old: &'a Model,
    candidate: &'a Candidate,
    entity: &str,
    field: &str,
) -> Option<(&'a EntityModel, &'a FieldModel, &'a EntityModel, &'a FieldModel)> {
    let new_entity = candidate.model.entity(entity)?;
    let new_field = new_entity.field(field)?;
    let old_entity = old.entities.values().find(|old| old.key == new_entity.key)?;
    let old_field = old_entity.fields.iter().find(|old| old.key == new_field.key)?;
    Some((old_entity, old_field, new_entity, new_field))
}

/// Tries the conversion out on what is stored now.
pub async fn attempt(
    session: &Session,
    old: &Model,
    candidate: &Candidate,
    change: &SchemaChange,
) -> Result<Option<Trial>> {
    let Some(conversion) = Box::pin(of_change(session, old, candidate, change)).await? else {
        return Ok(None);
    };
    let store = &session.workspace.store;
    let mut fields = vec![conversion.old.clone()];
    fields.extend(conversion.parked.clone());
    fields.push(conversion.changed.clone());
    let mut trial = Trial {
        lost: Finding { what: "unconvertible", ..Finding::default() },
        coarser: Finding { what: "coarser", ..Finding::default() },
        ..Trial::default()
    };
    let mut named: Vec<(Uuid, Value)> = Vec::new();
    let mut coarser: Vec<(Uuid, Value)> = Vec::new();
    let mut after = None;
    let mut seen = 0;
    loop {
        let rows = store.values(old, &conversion.table, &fields, after, CHUNK).await?;
        after = rows.last().map(|(id, _)| *id);
        let count = rows.len() as u64;
        seen += count;
        for (id, values) in rows {
            trial.rows += u64::from(values.first().is_some_and(|value| !value.is_empty()));
            let (_, lost) = (conversion.carry)(&values, &Value::Empty);
            if lost {
                trial.lost.rows += 1;
                if named.len() < NAMED {
                    named.push((id, Value::Empty));
                }
            } else if conversion.converter.loses(&values) {
                trial.coarser.rows += 1;
                if coarser.len() < NAMED {
                    coarser.push((id, Value::Empty));
                }
            }
        }
        if count < CHUNK {
            break;
        }
        if seen >= MOST {
            trial.lost.at_least = true;
            trial.coarser.at_least = true;
            break;
        }
    }
    if trial.lost.at_least
        && let Some((entity, field, ..)) = match change {
            SchemaChange::ConvertField { entity, field, .. } => fields_of(old, candidate, entity, field),
            _ => None,
        }
    {
        trial.rows = super::plan::count_filled(session, old, entity, field.index).await?;
    }
    if let Some(entity) = old.entities.values().find(|entity| entity.key == conversion.table)
        && let Some(field) = entity.fields.iter().find(|field| field.key == conversion.key)
    {
        trial.lost.examples = shown(session, old, entity, field, named).await?;
        trial.coarser.examples = shown(session, old, entity, field, coarser).await?;
    }
    Ok(Some(trial))
}

fn fields_of<'a>(
    old: &'a Model,
    candidate: &'a Candidate,
    entity: &str,
    field: &str,
) -> Option<(&'a EntityModel, &'a FieldModel)> {
    fields(old, candidate, entity, field).map(|(entity, field, ..)| (entity, field))
}
