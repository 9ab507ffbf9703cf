//! The values that a step writes: amounts with the currencies that they have where they come from, lists with what they hold,
//! texts as if somebody had typed them.

use kontor_flow::step::FieldValue;
use kontor_flow::{Scope, ValueSource};
use kontor_model::filter::FieldPath;
use kontor_model::formula::Currency;
use kontor_model::{EntityModel, FieldModel, Json, Model, Value};

use super::RunScope;
use crate::records::{Incoming, lists_of};
use crate::{Result, Session};

/// The values for the fields of an entity. `scope` is that of the step, with what it has made so far.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn values(
    session: &Session,
    run: &RunScope,
    scope: &(dyn Scope + Sync),
    entity: &EntityModel,
    written: &[FieldValue],
) -> Result<Vec<(String, Incoming)>> {
    let mut values = Vec::with_capacity(written.len());
    for one in written {
        let Some(field) = entity.field(&one.field) else { continue };
        let list = match &one.source {
            ValueSource::Field(path) if field.kind.is_list() => Some(path),
            _ => None,
        };
        let value = match (list, &one.source) {
            (Some(path), _) => Incoming::Json(list_of(session, run, path).await?),
            (None, ValueSource::Text(text)) => Incoming::Text(text.render(scope, run.model())),
            (None, source) => Incoming::Json(source.resolve(Some(field), scope, run.model())),
        };
        values.push((one.field.clone(), value));
        let currency = entity.currency_of(field.index).filter(|currency| currency.is_typed());
        let Some(currency) = currency.filter(|one| !written.iter().any(|other| other.field == one.name))
        else {
            continue;
        };
        let code = code_of(session, run.model(), scope, &one.source);
        values.extend(code.map(|code| (currency.name.clone(), Incoming::Json(code.into()))));
    }
    Ok(values)
}

/// What a list of the record holds, as far as the actor sees it.
async fn list_of(session: &Session, run: &RunScope, path: &FieldPath) -> Result<Json> {
    let entity = run.entity();
    let Some(list) = entity.fields.get(path.field).and_then(|field| field.list.as_ref()) else {
        return Ok(Json::Null);
    };
    let (_, id) = run.record_id();
    let mut found = lists_of(session, entity, &[id], &[path.field]).await?;
    let items = found.remove(&id).and_then(|mut lists| lists.remove(&path.field)).unwrap_or_default();
    Ok(items.iter().map(|item| item.list_json(list, &[])).collect())
}

/// The currency of an amount where it comes from; `None` when it is no amount there.
fn code_of(session: &Session, model: &Model, scope: &dyn Scope, source: &ValueSource) -> Option<String> {
    let own = || session.workspace.settings().currency.clone();
    match source {
        ValueSource::Field(path) => {
            let beside = currency_beside(model, path)?;
            let is_there = !scope.record().value(path).is_empty();
            text_of(&scope.record().value(&beside)).filter(|_| is_there)
        }
        ValueSource::NamedField(name, path) => {
            let record = scope.named(name)?;
            let beside = currency_beside(model, path)?;
            text_of(&record.value(&beside)).filter(|_| !record.value(path).is_empty())
        }
        ValueSource::Formula(formula) => match formula.currency(scope.record(), scope.context()) {
            Currency::None => None,
            Currency::One(code) => Some(code).filter(|code| !code.is_empty()),
            // It was worked out over what they are worth.
            Currency::Several => Some(own()),
        },
        _ => None,
    }
}

/// Where the currency of the amount stands that a path leads to.
fn currency_beside(model: &Model, path: &FieldPath) -> Option<FieldPath> {
    let currency: &FieldModel = model.entity(&path.entity)?.currency_of(path.field)?;
    Some(FieldPath { field: currency.index, ..path.clone() })
}

fn text_of(value: &Value) -> Option<String> {
    value.as_text().filter(|code| !code.is_empty()).map(str::to_owned)
}
