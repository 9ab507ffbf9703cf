//! What happened to a record: for the time line of its page, and as the whole history.

use std::collections::BTreeMap;

use kontor_core::identity::second_factor;
use kontor_core::records::{self, RecordView, Revision, Titles};
use kontor_core::sharing;
use kontor_model::{EntityModel, FieldModel};
use kontor_view::page::history::Revision as RevisionView;
use kontor_view::page::record::{Change, Event};

use super::{Reading, values};

/// Icon and tone of an action of the journal, and the last part of its words.
fn act(action: &str) -> (&'static str, &'static str, &'static str) {
    match action {
        "create" => ("plus", "t-green", "created"),
        "delete" => ("trash-2", "t-red", "deleted"),
        "restore" => ("history", "t-blue", "restored"),
        sharing::SHARED => ("users", "t-blue", "shared"),
        sharing::UNSHARED => ("users", "t-grey", "unshared"),
        second_factor::SET => ("shield-check", "t-green", "factor_set"),
        second_factor::RESET => ("shield-check", "t-amber", "factor_reset"),
        records::REVEAL => ("eye", "t-amber", "revealed"),
        records::MERGED => ("git-compare", "t-blue", "merged"),
        _ => ("pencil", "t-grey", "changed"),
    }
}

/// The newest events.
pub fn timeline(
    reading: &Reading<'_>,
    view: &RecordView,
    revisions: &[Revision],
    titles: &Titles,
) -> Vec<Event> {
    let mut money = Currencies::of(view);
    revisions
        .iter()
        .map(|revision| {
            let (icon, tone, _) = act(&revision.action);
            let when = reading.format.when(revision.at);
            let changes = changes(reading, &view.entity, revision, titles, &mut money);
            Event {
                icon: icon.to_owned(),
                tone: tone.to_owned(),
                who: who(reading, revision),
                what: with_cause(reading, what(reading, "record.event_", revision, changes.len()), revision),
                changes,
                when: when.text,
                exact: when.exact,
                ..Event::default()
            }
        })
        .collect()
}

/// All versions.
pub fn revisions(
    reading: &Reading<'_>,
    view: &RecordView,
    revisions: &[Revision],
    titles: &Titles,
) -> Vec<RevisionView> {
    let mut money = Currencies::of(view);
    revisions
        .iter()
        .map(|revision| {
            let when = reading.format.when(revision.at);
            let changes = changes(reading, &view.entity, revision, titles, &mut money);
            RevisionView {
                version: revision.version.to_string(),
                who: who(reading, revision),
                what: what(reading, "history.", revision, changes.len()),
                cause: cause_of(reading, revision),
                when: when.text,
                exact: when.exact,
                changes,
            }
        })
        .collect()
}

/// By what it was done, where that was no page.
fn cause_of(reading: &Reading<'_>, revision: &Revision) -> String {
    let cause = revision.cause.as_deref().filter(|cause| *cause != "page");
    cause.map(|cause| cause_text(reading, cause)).unwrap_or_default()
}

fn with_cause(reading: &Reading<'_>, what: String, revision: &Revision) -> String {
    let cause = cause_of(reading, revision);
    if cause.is_empty() { what } else { format!("{what} · {cause}") }
}

/// `import`, or `workflow:<name>`; a word that is not known is shown as it is.
fn cause_text(reading: &Reading<'_>, cause: &str) -> String {
    let key = format!("history.by_{}", cause.split(':').next().unwrap_or(cause));
    if reading.words().has(&key) { reading.t(&key) } else { cause.to_owned() }
}

fn who(reading: &Reading<'_>, revision: &Revision) -> String {
    revision.actor_name.clone().unwrap_or_else(|| reading.t("history.by_system"))
}

fn what(reading: &Reading<'_>, prefix: &str, revision: &Revision, count: usize) -> String {
    let (_, _, word) = act(&revision.action);
    // What changed is gone since, or not for this reader.
    if word == "changed" && count == 0 {
        return reading.t("history.changed_unseen");
    }
    reading.words().count(&format!("{prefix}{word}"), count)
}

/// The currencies beside the amounts of a record, from now back to the revision that is told.
struct Currencies<'r>(BTreeMap<&'r str, String>);

impl<'r> Currencies<'r> {
    fn of(view: &'r RecordView) -> Self {
        let fields = view.entity.fields.iter().filter_map(|field| view.entity.currency_of(field.index));
        let said =
            |field: &'r FieldModel| view.record.at(field.index).as_text().unwrap_or_default().to_owned();
        Self(fields.map(|field| (field.name.as_str(), said(field))).collect())
    }

    /// What stood beside an amount after a revision.
    fn now(&self, entity: &EntityModel, field: &FieldModel) -> String {
        let companion = entity.currency_of(field.index);
        companion.and_then(|companion| self.0.get(companion.name.as_str())).cloned().unwrap_or_default()
    }

    /// Goes back behind a revision.
    fn undo(&mut self, revision: &'r Revision) {
        for (name, old, _) in &revision.changes {
            if let Some(before) = self.0.get_mut(name.as_str()) {
                old.as_str().unwrap_or_default().clone_into(before);
            }
        }
    }
}

fn changes<'r>(
    reading: &Reading<'_>,
    entity: &EntityModel,
    revision: &'r Revision,
    titles: &Titles,
    money: &mut Currencies<'r>,
) -> Vec<Change> {
    let after: Vec<String> =
        revision.changes.iter().map(|(name, ..)| currency(money, entity, name)).collect();
    money.undo(revision);
    if revision.action == "create" {
        return Vec::new();
    }
    let presenter = reading.presenter(titles);
    revision
        .changes
        .iter()
        .zip(&after)
        .filter_map(|((name, old, new), after)| {
            let field = entity.field(name)?;
            if matches!(revision.action.as_str(), sharing::SHARED | sharing::UNSHARED) {
                let told = |json| super::shares::told(reading, json, titles);
                return Some(Change { label: reading.t("sharing.title"), old: told(old), new: told(new) });
            }
            if revision.action == records::MERGED {
                // The other one may lie in the bin, or where the reader does not see it.
                let title = records::merged_with(new).and_then(|id| titles.get(&id)).cloned();
                let key = if new.get("into").is_some() { "merge.into" } else { "merge.from" };
                let new = title.unwrap_or_else(|| reading.t("merge.unseen"));
                return Some(Change { label: reading.t(key), old: String::new(), new });
            }
            if revision.action == records::REVEAL {
                let reason = new.get("reason").and_then(kontor_model::Json::as_str).unwrap_or_default();
                let label = field.full_label(entity, &reading.labels);
                return Some(Change { label, old: String::new(), new: reason.to_owned() });
            }
            if field.kind.is_list() {
                return Some(Change {
                    label: presenter.label(field),
                    old: String::new(),
                    new: list_change(reading, new),
                });
            }
            Some(Change {
                label: field.full_label(entity, &reading.labels),
                old: values::json_text(reading, entity, field, old, titles, &money.now(entity, field)),
                new: values::json_text(reading, entity, field, new, titles, after),
            })
        })
        .collect()
}

fn currency(money: &Currencies<'_>, entity: &EntityModel, name: &str) -> String {
    entity.field(name).map(|field| money.now(entity, field)).unwrap_or_default()
}

/// How many records of a list came, changed and went; which ones is in their own histories.
fn list_change(reading: &Reading<'_>, json: &kontor_model::Json) -> String {
    let count = |key: &str| json.get(key).and_then(kontor_model::Json::as_array).map_or(0, Vec::len);
    ["added", "changed", "removed"]
        .into_iter()
        .filter(|key| count(key) > 0)
        .map(|key| reading.words().count(&format!("list.change_{key}"), count(key)))
        .collect::<Vec<_>>()
        .join(", ")
}
