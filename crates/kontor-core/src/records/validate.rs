//! Step 7 of a save: what must not be empty, what is hidden or fixed, rules, the process, duplicates.
//! Kinds and facets were checked when the values were read; scripts have their own file.

use kontor_model::entity::DuplicateRule;
use kontor_model::entity::Source;
use kontor_model::filter::Filter;
use kontor_model::{EntityModel, FieldModel, Problem, Value};

use super::batch::Batch;
use super::draft::Draft;
use super::duplicates;
use super::subject::RecordSubject;
use crate::Session;
use crate::error::Result;

/// Collects everything that is wrong with the draft.
pub async fn validate(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    values(session, batch, draft).await?;
    super::process::check(session, batch, draft).await
}

/// Everything but whether its process lets the record move.
pub async fn values(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let entity = std::sync::Arc::clone(&draft.entity);
    let record = draft.record.clone();
    let old = draft.old.clone();
    let filters = filters_of(&entity);
    let subject = RecordSubject::new(session, batch, &record, old.as_ref(), &filters, &[]).await?;
    for field in entity.own_fields() {
        check_field(session, draft, field, &subject);
    }
    if entity.definition.append_only && draft.old.is_some() {
        draft.problems.push(Problem::new("append_only", "").with("entity", &entity.title));
    }
    for rule in &entity.rules {
        if subject.matches(session, &rule.when) {
            draft.problems.push(rule.problem(&entity, &session.catalogue));
        }
    }
    super::tree::check(session, batch, draft).await?;
    check_record_type(session, draft, &entity);
    let is_asked = |rule: &&DuplicateRule| {
        rule.fields.iter().any(|index| draft.is_changed(*index)) && subject.matches(session, &rule.when)
    };
    let rules: Vec<&DuplicateRule> = entity.duplicates.iter().filter(is_asked).collect();
    let found = duplicates::find(session, batch, &entity, &record, &rules).await?;
    draft.problems.0.extend(found.0);
    keep_an_administrator(session, draft, &entity).await
}

/// The fields alone, of a form whose values are not stored.
pub(super) async fn fields(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let entity = std::sync::Arc::clone(&draft.entity);
    let record = draft.record.clone();
    let subject = RecordSubject::new(session, batch, &record, None, &filters_of(&entity), &[]).await?;
    for field in entity.own_fields() {
        check_field(session, draft, field, &subject);
    }
    Ok(())
}

/// Whoever is the last that can administer is not shut out, whichever way the change comes in.
async fn keep_an_administrator(session: &Session, draft: &mut Draft, entity: &EntityModel) -> Result<()> {
    if !entity.holds_people() || entity.name != "user" || draft.old.is_none() {
        return Ok(());
    }
    let Some(active) = entity.field_index("active") else { return Ok(()) };
    if !draft.is_changed(active) || *draft.record.at(active) == Value::Boolean(true) {
        return Ok(());
    }
    let user = draft.record.id();
    crate::identity::users::keep_an_administrator(session, user, "active", &mut draft.problems).await
}

/// The conditions and rules of an entity that read its record.
pub(super) fn filters_of(entity: &EntityModel) -> Vec<&Filter> {
    let conditions = entity
        .fields
        .iter()
        .flat_map(|field| [&field.conditions.visible, &field.conditions.required, &field.conditions.readonly])
        .flatten();
    let options = entity.fields.iter().flat_map(|field| &field.conditions.options).map(|(_, filter)| filter);
    let rules = entity.rules.iter().map(|rule| &rule.when);
    let duplicates = entity.duplicates.iter().map(|rule| &rule.when);
    conditions.chain(options).chain(rules).chain(duplicates).collect()
}

fn check_field(session: &Session, draft: &mut Draft, field: &FieldModel, subject: &RecordSubject<'_>) {
    let holds =
        |filter: &Option<Filter>| filter.as_ref().is_some_and(|filter| subject.matches(session, filter));
    let label = field.label(&session.catalogue).to_owned();
    let is_empty = draft.is_empty(field.index);
    let is_changed = draft.is_changed(field.index);
    let is_hidden = field.conditions.visible.is_some() && !holds(&field.conditions.visible);
    if is_hidden {
        // What a record holds that was given nothing is nothing: an exported list says `No` there.
        let is_absent = is_empty || *draft.record.at(field.index) == field.kind.when_absent();
        if draft.given.contains(&field.index) && is_changed && !is_absent {
            draft.problems.push(Problem::at_field("hidden", &field.name).with("field", label));
        }
        return;
    }
    if draft.given.contains(&field.index) && is_changed && holds(&field.conditions.readonly) {
        draft.problems.push(Problem::at_field("read_only", &field.name).with("field", &label));
    }
    if field.definition.set_once
        && is_changed
        && draft.old.as_ref().is_some_and(|old| !old.at(field.index).is_empty())
    {
        draft.problems.push(Problem::at_field("set_once", &field.name).with("field", &label));
    }
    check_options(session, draft, field, subject);
    if !is_empty || !matches!(field.source, Source::Typed) || field.kind.is_drawn() {
        return;
    }
    let is_named =
        draft.problems.iter().any(|problem| problem.field() == Some(&field.name) && !problem.warning);
    if !is_named && (field.required || holds(&field.conditions.required)) {
        draft.problems.push(Problem::at_field("required", &field.name).with("field", label));
    }
}

/// An option can be chosen while its condition holds, and not once it is retired. What was chosen before stays, until
/// something that the condition reads is changed.
fn check_options(session: &Session, draft: &mut Draft, field: &FieldModel, subject: &RecordSubject<'_>) {
    let chosen: Vec<String> = match draft.record.at(field.index) {
        Value::Text(option) if field.kind.is_choice() => vec![option.clone()],
        Value::List(options) => options.clone(),
        _ => return,
    };
    for option in chosen {
        let was_there = draft.old.as_ref().is_some_and(|old| match old.at(field.index) {
            Value::Text(before) => *before == option,
            Value::List(before) => before.contains(&option),
            _ => false,
        });
        let label = field.option_label(&option, &session.catalogue);
        let is_retired = field.definition.one_of.iter().any(|known| known.value == option && known.retired);
        if is_retired && !was_there {
            draft.problems.push(Problem::at_field("option_retired", &field.name).with("value", label));
            continue;
        }
        let Some((_, condition)) = field.conditions.options.iter().find(|(value, _)| *value == option) else {
            continue;
        };
        let reads_changed =
            || condition.paths().iter().any(|path| path.is_own() && draft.is_changed(path.field));
        if (!was_there || reads_changed()) && !subject.matches(session, condition) {
            let problem = Problem::at_field("option_not_now", &field.name).with("value", label);
            let fitting = fitting_options(session, field, subject);
            draft.problems.push(if fitting.is_empty() {
                let told = Problem::new("option_none_now", "").with("value", label);
                problem.saying(told.message(&session.catalogue))
            } else {
                problem.with("options", fitting)
            });
        }
    }
}

/// The options that fit the other values, as a list for people.
fn fitting_options(session: &Session, field: &FieldModel, subject: &RecordSubject<'_>) -> String {
    let fits = |value: &str| {
        let condition = field.conditions.options.iter().find(|(known, _)| known == value);
        condition.is_none_or(|(_, condition)| subject.matches(session, condition))
    };
    let fitting = field.definition.one_of.iter().filter(|option| !option.retired && fits(&option.value));
    let labels: Vec<&str> =
        fitting.map(|option| field.option_label(&option.value, &session.catalogue)).collect();
    labels.join(", ")
}

/// A role may create some record types only.
fn check_record_type(session: &Session, draft: &mut Draft, entity: &EntityModel) {
    let Some(field) = entity.field("record_type").filter(|_| !entity.definition.record_types.is_empty())
    else {
        return;
    };
    if draft.old.is_some() {
        return;
    }
    match draft.record.at(field.index).as_text() {
        None if !draft.problems.iter().any(|problem| problem.field() == Some(&field.name)) => {
            draft.problems.push(
                Problem::at_field("required", &field.name).with("field", field.label(&session.catalogue)),
            );
        }
        Some(chosen) if !session.actor.access.entity(&entity.name).creates(chosen) => {
            let label = field.option_label(chosen, &session.catalogue).to_owned();
            draft
                .problems
                .push(Problem::at_field("record_type_not_granted", &field.name).with("value", label));
        }
        _ => {}
    }
}
