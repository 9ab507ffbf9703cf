//! Step 7 of a save: what must not be empty, what is hidden or fixed, rules, the process, duplicates.
//! Kinds and facets were checked when the values were read; scripts have their own file.

use kontor_model::entity::Source;
use kontor_model::filter::{FieldPath, Filter, Operand, Operator};
use kontor_model::{EntityModel, FieldModel, Problem, Value};
use kontor_store::PageQuery;

use super::batch::Batch;
use super::draft::Draft;
use super::subject::RecordSubject;
use crate::Session;
use crate::error::Result;

/// Collects everything that is wrong with the draft.
pub async fn validate(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
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
            let path = rule.at.as_ref().map(|field| format!("/{field}")).unwrap_or_default();
            let key = format!("rules.{}.message", rule.name);
            let message = session.catalogue.label("entity", &entity.name, &key, &rule.message);
            let problem = Problem::new(rule.name.clone(), path).saying(message);
            draft.problems.push(if rule.warning { problem.as_warning() } else { problem });
        }
    }
    find_duplicates(session, draft, &entity).await?;
    keep_an_administrator(session, draft, &entity).await?;
    super::process::check(session, draft, &subject);
    Ok(())
}

/// Whoever is the last that can administer is not shut out, whichever way the change comes in.
async fn keep_an_administrator(session: &Session, draft: &mut Draft, entity: &EntityModel) -> Result<()> {
    if !entity.is_built_in() || entity.name != "user" || draft.old.is_none() {
        return Ok(());
    }
    let Some(active) = entity.field_index("active") else { return Ok(()) };
    if !draft.is_changed(active) || *draft.record.at(active) == Value::Boolean(true) {
        return Ok(());
    }
    let user = draft.record.id();
    crate::identity::users::keep_an_administrator(session, user, "active", &mut draft.problems).await
}

fn filters_of(entity: &EntityModel) -> Vec<&Filter> {
    let conditions = entity
        .fields
        .iter()
        .flat_map(|field| [&field.conditions.visible, &field.conditions.required, &field.conditions.readonly])
        .flatten();
    conditions.chain(entity.rules.iter().map(|rule| &rule.when)).collect()
}

fn check_field(session: &Session, draft: &mut Draft, field: &FieldModel, subject: &RecordSubject<'_>) {
    let holds =
        |filter: &Option<Filter>| filter.as_ref().is_some_and(|filter| subject.matches(session, filter));
    let label = field.label(&session.catalogue).to_owned();
    let is_empty = draft.record.at(field.index).is_empty();
    let is_changed = draft.is_changed(field.index);
    let is_hidden = field.conditions.visible.is_some() && !holds(&field.conditions.visible);
    if is_hidden {
        if draft.given.contains(&field.index) && is_changed && !is_empty {
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
    if !is_empty || !matches!(field.source, Source::Typed) || field.kind.name() == "autonumber" {
        return;
    }
    let is_named =
        draft.problems.iter().any(|problem| problem.field() == Some(&field.name) && !problem.warning);
    if !is_named && (field.required || holds(&field.conditions.required)) {
        draft.problems.push(Problem::at_field("required", &field.name).with("field", label));
    }
}

/// Looks for other records that the entity's duplicate rules call the same. A rule may look at records that the
/// writer cannot see; it says only that there is one.
async fn find_duplicates(session: &Session, draft: &mut Draft, entity: &EntityModel) -> Result<()> {
    for rule in &entity.definition.duplicates {
        let then = rule.then.as_deref().unwrap_or("warn");
        if then == "allow" {
            continue;
        }
        let fields: Vec<&FieldModel> = rule.fields.iter().filter_map(|name| entity.field(name)).collect();
        let is_new = fields.iter().any(|field| draft.is_changed(field.index));
        if !is_new || fields.iter().any(|field| draft.record.at(field.index).is_empty()) {
            continue;
        }
        let mut leaves: Vec<Filter> = fields
            .iter()
            .map(|field| leaf(entity, field.index, Operator::Eq, draft.record.at(field.index).clone()))
            .collect();
        leaves.push(leaf(
            entity,
            kontor_model::entity::system::ID,
            Operator::Ne,
            Value::Id(draft.record.id()),
        ));
        let query = PageQuery {
            entity: entity.name.clone(),
            select: vec![FieldPath::own(entity.name.clone(), kontor_model::entity::system::ID)],
            filter: Filter::All(leaves),
            limit: 1,
            ..PageQuery::default()
        };
        let workspace = &session.workspace;
        let context = session.filter_context();
        let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
        if !page.rows.is_empty() {
            let at = rule.fields.first().map(|field| format!("/{field}")).unwrap_or_default();
            let problem = Problem::new("duplicate", at).with("entity", &entity.title);
            draft.problems.push(if then == "block" { problem } else { problem.as_warning() });
        }
    }
    Ok(())
}

fn leaf(entity: &EntityModel, field: usize, operator: Operator, value: Value) -> Filter {
    Filter::Leaf(kontor_model::filter::Leaf {
        path: FieldPath::own(entity.name.clone(), field),
        operator,
        operand: Operand::One(value),
    })
}
