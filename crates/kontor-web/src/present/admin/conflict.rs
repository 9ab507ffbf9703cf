//! Conflicts of a change set with what others have published, in words.

use kontor_core::definitions::moved::{self, Moved};
use kontor_model::Json;
use kontor_model::layer::{MergeState, three_way};
use kontor_view::page::admin::changes::{ConflictCard, ConflictPlace};

use super::entity::designer_href;
use crate::present::Reading;
use crate::routes::admin::draft::Draft;

/// Letters of a value that are shown.
const MOST_LETTERS: usize = 160;

/// "Entity “Quote”: Li Na published something else in the same place, today 11:02".
pub async fn said(reading: &Reading<'_>, conflict: &Moved) -> String {
    let (kind, name) = (conflict.kind, conflict.name.as_str());
    let title = reading
        .session
        .model
        .definition(kind, name)
        .map_or_else(|| name.to_owned(), |json| reading.definition_title(kind, name, json));
    let of = reading.t(&format!("definition.{kind}.one"));
    let title = reading.words().with("changes.of_definition", &[("kind", &of), ("title", &title)]);
    let by = moved::who(reading.session, conflict.by).await;
    match conflict.at {
        Some(at) => {
            let when = reading.format.when(at).text;
            reading.words().with("changes.moved_at", &[("title", &title), ("by", &by), ("when", &when)])
        }
        None => reading.words().with("changes.moved", &[("title", &title), ("by", &by)]),
    }
}

/// A conflict with both sides of every place.
pub async fn card(reading: &Reading<'_>, draft: &Draft<'_>, conflict: &Moved) -> ConflictCard {
    let (kind, name) = (conflict.kind, conflict.name.as_str());
    let change = draft.changes.iter().find(|row| row.kind == kind.as_str() && row.name == name);
    let theirs = reading.session.model.definition(kind, name);
    let merging = three_way(
        change.and_then(|row| row.base.as_ref()),
        theirs,
        change.and_then(|row| row.body.as_ref()),
        &|_| None,
    );
    let both = merging.values.into_iter().filter(|value| value.state == MergeState::Conflict);
    ConflictCard {
        said: said(reading, conflict).await,
        href: designer_href(reading, kind, name),
        value: format!("{kind}/{name}"),
        places: both
            .map(|value| ConflictPlace {
                mine: shown(value.ours.as_ref()),
                theirs: shown(value.theirs.as_ref()),
                place: value.place,
            })
            .collect(),
    }
}

fn shown(json: Option<&Json>) -> String {
    let Some(json) = json else { return String::new() };
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    if text.chars().count() <= MOST_LETTERS {
        return text;
    }
    format!("{}…", text.chars().take(MOST_LETTERS).collect::<String>())
}
