//! `notify`: news for people. Each is told what they may see when it is said: who does not see the record hears nothing, and
//! what of the text comes from fields that they do not see is left out.

use std::collections::BTreeSet;

use crate::records::batch::Batch;
use crate::{Result, Session};
use kontor_flow::step::Notify;
use kontor_flow::{GapOf, RunState, Scope, Template};
use kontor_model::Value;
use kontor_model::filter::FieldPath;
use kontor_store::system::{NoticeRow, SystemWrite};
use serde_json::json;
use uuid::Uuid;

use super::Effect;
use super::people;
use super::scope::RunScope;

/// The longest text that is kept.
const LONGEST: usize = 2_000;

/// Tells it.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    notify: &Notify,
) -> Result<Effect> {
    let mut told = 0;
    for person in people::find(session, scope, state, &notify.to).await? {
        let Some(reader) = people::reader(session, batch, scope, state, person).await? else { continue };
        let hidden = hidden(session, &reader, batch, scope, state, &notify.text).await?;
        let text = notify.text.render_without(scope, scope.model(), &hidden);
        let row = NoticeRow {
            id: Uuid::now_v7(),
            user: person,
            entity: state.has_record().then(|| scope.entity().key.clone()),
            record: state.has_record().then_some(state.record),
            body: text.trim().chars().take(LONGEST).collect(),
            at: session.now,
            seen_at: None,
        };
        batch.unit.system(SystemWrite::AddNotice(row));
        told += 1;
    }
    Ok(Effect { output: json!({ "people": told }), ..Effect::default() })
}

/// The gaps of the text that stay empty for a reader.
async fn hidden(
    session: &Session,
    reader: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    text: &Template,
) -> Result<BTreeSet<usize>> {
    let mut hidden = BTreeSet::new();
    for (place, gap) in text.gaps().into_iter().enumerate() {
        let about = match gap.of {
            GapOf::Record => Some((scope.entity().name.clone(), state.record)),
            GapOf::Named(name) => scope.named_id(name),
            GapOf::Actor => Some((kontor_flow::step::PERSON.to_owned(), session.actor.id)),
        };
        let found = about.and_then(|(entity, id)| Some((reader.model.entity(&entity).cloned()?, id)));
        let mut sees = match found {
            Some((entity, id)) => people::may_see(reader, batch, (&entity, id), gap.path).await?,
            None => false,
        };
        // A link to one of several is told by the title of what it leads to.
        let value = match gap.of {
            GapOf::Record => scope.record().value(gap.path),
            GapOf::Named(name) => scope.named(name).map(|named| named.value(gap.path)).unwrap_or_default(),
            GapOf::Actor => Value::Empty,
        };
        if let (true, Value::AnyLink(any)) = (sees, value) {
            sees = match reader.model.entity(&any.entity) {
                Some(entity) => {
                    let title = FieldPath::own(entity.name.clone(), entity.display);
                    people::may_see(reader, batch, (entity, any.id), &title).await?
                }
                None => false,
            };
        }
        if !sees {
            hidden.insert(place);
        }
    }
    Ok(hidden)
}
