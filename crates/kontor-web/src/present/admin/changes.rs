//! A plan as cards: what changes, what it touches, who uses it; and published versions as lines.

use kontor_core::definitions::places::{self, Place};
use kontor_core::definitions::{Plan, PlannedChange};
use kontor_core::rows::VersionSummary;
use kontor_model::definition::DefinitionKind;
use kontor_model::diff::{Class, Use};
use kontor_model::words::shortened;
use kontor_model::{FieldKind, Json, Model, kind};
use kontor_view::page::admin::changes::{ChangeCard, VersionLine};
use kontor_view::page::part::Link;

use super::difference::diff;
use super::entity::designer_href;
use super::{form_places, outline_words, text_difference};
use crate::frame::address;
use crate::present::{Reading, people};
use crate::routes::admin::draft::Draft;

/// The cards of a plan: one for each place that the draft changes, and one for everything that comes along.
pub fn cards(reading: &Reading<'_>, draft: &Draft<'_>, plan: &Plan) -> Vec<ChangeCard> {
    let places = places::of(&draft.changes);
    let mut told: Vec<Vec<&PlannedChange>> = places.iter().map(|_| Vec::new()).collect();
    let mut others = Vec::new();
    for planned in &plan.changes {
        match place_of(&places, planned).and_then(|index| told.get_mut(index)) {
            Some(own) => own.push(planned),
            None => others.push(planned),
        }
    }
    // What breaks because something goes is told where it goes.
    let mut broken: Vec<Vec<&PlannedChange>> = places.iter().map(|_| Vec::new()).collect();
    others.retain(|planned| {
        let uses = |told: &Vec<&PlannedChange>| {
            let users = told.iter().flat_map(|one| one.change.used_by.iter());
            users.into_iter().any(|user| user.kind == planned.change.kind && user.name == planned.change.name)
        };
        let breaks = planned.problem.is_some() && planned.change.class == Class::Refused;
        let at = if breaks { told.iter().position(uses) } else { None };
        match at.and_then(|at| broken.get_mut(at)) {
            Some(list) => list.push(planned),
            None => return true,
        }
        false
    });
    let mut cards = Vec::new();
    for ((place, own), breaks) in places.iter().zip(told).zip(broken) {
        let mut card = placed(reading, draft, place, &own);
        for planned in breaks {
            Class::Refused.as_str().clone_into(&mut card.class);
            let what = definition_title(reading, planned.change.kind, &planned.change.name, None);
            let mut why = planned.sentence(&reading.labels);
            if let Some(line) = planned.problem.as_ref().and_then(|problem| problem.line) {
                let line = reading.words().with("source.line", &[("line", &line.to_string())]);
                why = format!("{why} ({line})");
            }
            card.notes.push(reading.words().with("changes.breaks", &[("what", &what), ("why", &why)]));
        }
        cards.push(card);
    }
    cards.extend(others.into_iter().map(|planned| card(reading, draft, &[planned])));
    cards
}

/// What a plan touches as a whole: how many records hold values of what changes, and how many definitions of each kind
/// refer to it, those aside that the draft changes itself.
pub fn impact(reading: &Reading<'_>, draft: &Draft<'_>, plan: &Plan) -> Vec<Link> {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut users: Vec<(DefinitionKind, &str)> = Vec::new();
    let mut changed_along: Vec<(DefinitionKind, &str)> = Vec::new();
    for one in plan.changes.iter().flat_map(|planned| &planned.change.used_by) {
        let is_own = draft.changes.iter().any(|row| row.kind == one.kind.as_str() && row.name == one.name);
        let known = (one.kind, one.name.as_str());
        let list = if is_own { &mut changed_along } else { &mut users };
        if one.kind != DefinitionKind::Locale && !list.contains(&known) {
            list.push(known);
        }
    }
    let known = |kind: DefinitionKind, name: &str| {
        reading.session.model.definition(kind, name).or_else(|| draft.definition(kind, name))
    };
    let title = |(kind, name): &(DefinitionKind, &str)| match known(*kind, name) {
        Some(json) if *kind != DefinitionKind::Script => reading.definition_title(*kind, name, json),
        _ => (*name).to_owned(),
    };
    users.sort_unstable_by_key(|(kind, _)| kind.as_str());
    let mut lines = Vec::new();
    for same in users.chunk_by(|left, right| left.0 == right.0) {
        let Some((kind, _)) = same.first() else { continue };
        let titles: Vec<String> = same.iter().map(title).collect();
        let word = if same.len() == 1 { "one" } else { "plural" };
        let title = format!("{} {}", same.len(), reading.t(&format!("definition.{kind}.{word}")));
        lines.push(Link {
            note: titles.join(&reading.t("said.comma")),
            ..Link::new("", title, super::entity::icon_of(*kind))
        });
    }
    if !changed_along.is_empty() {
        // The cards say where each change is used: what is used by another change is not told apart, but is told.
        let titles: Vec<String> = changed_along.iter().map(title).collect();
        let said = reading.words().count("changes.impact_along", changed_along.len());
        lines
            .push(Link { note: titles.join(&reading.t("said.comma")), ..Link::new("", said, "git-compare") });
    }
    let rows = plan.changes.iter().map(|planned| planned.rows).max().unwrap_or(0);
    if rows > 0 {
        lines.push(Link::new("", reading.words().count("changes.impact_rows", count(rows)), "database"));
    }
    lines
}

/// The place that a change is about. Whether a field must be filled is said by a list of the entity and shown at the field.
fn place_of(places: &[Place], planned: &PlannedChange) -> Option<usize> {
    let change = &planned.change;
    let holds = |place: &Place| place.holds(change.kind, &change.name, &change.pointer);
    let exact = |place: &Place| place.pointer == change.pointer && holds(place);
    places.iter().position(exact).or_else(|| places.iter().position(holds)).or_else(|| {
        let required = |side: Option<&Json>| side.is_some_and(says_required);
        let differs = |place: &Place| required(place.before.as_ref()) != required(place.after.as_ref());
        let is_list = change.pointer == "/required" && planned.problem.is_none();
        places.iter().position(|place| is_list && place.name == change.name && differs(place))
    })
}

/// Whether a field as a place shows it must be filled.
fn says_required(shown: &Json) -> bool {
    let field = shown.as_object().and_then(|object| object.values().next());
    field.and_then(|field| field.get("required")).is_some_and(|required| required == &Json::Bool(true))
}

/// The card of a place, with all that the plan says of it.
fn placed(reading: &Reading<'_>, draft: &Draft<'_>, place: &Place, told: &[&PlannedChange]) -> ChangeCard {
    let mut card = card(reading, draft, told);
    let row = draft.changes.iter().find(|row| row.kind == place.kind.as_str() && row.name == place.name);
    card.who = row.map(|row| reading.format.when(row.at).text).unwrap_or_default();
    let what = match (&place.before, &place.after) {
        (None, _) => "new",
        (Some(_), None) => "removed",
        _ => "changed",
    };
    what.clone_into(&mut card.what);
    if told.len() != 1 {
        let subject = subject(reading, draft, place);
        // What each of several changes is stands below the name of the place.
        let sentences = told.iter().map(|planned| planned.sentence(&reading.labels));
        card.notes.splice(0..0, sentences);
        card.title = subject;
    }
    if let Some(field) = place.field().filter(|_| place.before.is_none())
        && form_places::is_nowhere(draft, &place.name, field)
    {
        card.notes.push(reading.t("changes.on_no_form"));
    }
    if let Some(field) = place.field().filter(|_| place.before.is_none())
        && form_places::list_is_nowhere(draft, &place.name, field)
    {
        card.notes.push(reading.t("changes.list_on_no_form"));
    }
    let (before, after) = (place.before.as_ref(), place.after.as_ref());
    card.diff = if place.kind == DefinitionKind::Locale {
        text_difference::lines(reading, draft, before, after)
    } else {
        diff(before, after, |side| outline_words::lines(reading, draft, place, side))
    };
    card.discard = format!("{}/{}#{}", place.kind, place.name, place.pointer);
    card
}

/// What the plan says of some changes, as one card.
fn card(reading: &Reading<'_>, draft: &Draft<'_>, told: &[&PlannedChange]) -> ChangeCard {
    let words = reading.words();
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut card = ChangeCard { what: "changed".to_owned(), ..ChangeCard::default() };
    let class = told.iter().map(|planned| planned.change.class).max().unwrap_or(Class::Safe);
    class.as_str().clone_into(&mut card.class);
    for planned in told {
        let change = &planned.change;
        if card.title.is_empty() {
            card.title = planned.sentence(&reading.labels);
            if planned.problem.is_some() {
                // A problem says what is wrong, but not with what.
                let of = definition_title(reading, change.kind, &change.name, None);
                card.title = format!("{of}{}{}", words.t("form.colon"), card.title);
            }
        }
        card.notes.extend(planned.why(&reading.labels));
        if planned.rows > 0 {
            let key =
                if change.class == Class::Lossy { "changes.values_parked" } else { "changes.rows_touched" };
            card.notes.push(words.count(key, count(planned.rows)));
        }
        if planned.unconvertible > 0 {
            card.notes.push(words.count("changes.unconvertible", count(planned.unconvertible)));
        }
        let (said, records) = found(reading, planned);
        card.notes.extend(said);
        card.records.extend(records);
        if card.make_options.is_empty() {
            card.make_options = make_options(planned);
        }
        for link in used_by(reading, draft, planned) {
            if !card.used_by.iter().any(|known| known.href == link.href && known.note == link.note) {
                card.used_by.push(link);
            }
        }
    }
    card
}

fn used_by(reading: &Reading<'_>, draft: &Draft<'_>, planned: &PlannedChange) -> Vec<Link> {
    let model: &Model = &reading.session.model;
    let uses: Vec<&Use> =
        planned.change.used_by.iter().filter(|one| one.kind != DefinitionKind::Locale).collect();
    let known =
        |one: &Use| model.definition(one.kind, &one.name).or_else(|| draft.definition(one.kind, &one.name));
    let title_of = |one: &Use| {
        known(one)
            .map_or_else(|| one.name.clone(), |json| reading.definition_title(one.kind, &one.name, json))
    };
    uses.iter()
        .map(|one| {
            let mut title = title_of(one);
            // A view and a report may be called the same.
            if uses.iter().any(|other| other.kind != one.kind && title_of(other) == title) {
                title = definition_title(reading, one.kind, &one.name, known(one));
            }
            let place = one.line.map_or_else(
                || {
                    let written =
                        [model.definition(one.kind, &one.name), draft.definition(one.kind, &one.name)];
                    let json =
                        written.into_iter().flatten().find(|json| json.pointer(&one.pointer).is_some());
                    form_places::place_at(reading, one).unwrap_or_else(|| match json {
                        Some(json) => {
                            outline_words::place(reading, draft, (one.kind, &one.name, json), &one.pointer)
                        }
                        None => one.pointer.clone(),
                    })
                },
                |line| reading.words().with("source.line", &[("line", &line.to_string())]),
            );
            Link {
                note: place,
                ..Link::new(
                    designer_href(reading, one.kind, &one.name),
                    title,
                    super::entity::icon_of(one.kind),
                )
            }
        })
        .collect()
}

/// The field that becomes a choice while some of its values are no options.
fn make_options(planned: &PlannedChange) -> String {
    let change = &planned.change;
    let wanted = change.parameters.iter().find(|(name, _)| *name == "kind").map(|(_, kind)| kind.as_str());
    let is_choice = wanted.and_then(kind::find).is_some_and(FieldKind::has_options);
    match change.pointer.strip_prefix("/properties/") {
        Some(field) if change.what == "field_kind_changed" && is_choice && planned.unconvertible > 0 => {
            format!("{}/{field}", change.name)
        }
        _ => String::new(),
    }
}

/// What the records say, and the first of them as links.
fn found(reading: &Reading<'_>, planned: &PlannedChange) -> (Vec<String>, Vec<Link>) {
    let Some(finding) = &planned.finding else { return (Vec::new(), Vec::new()) };
    let words = reading.words();
    let rows = usize::try_from(finding.rows).unwrap_or(usize::MAX);
    let mut notes = vec![words.count(&format!("changes.found_{}", finding.what), rows)];
    if finding.at_least {
        notes.push(words.t("changes.found_more"));
    }
    let records = finding
        .examples
        .iter()
        .map(|one| {
            let held = if one.value.is_empty() { words.t("changes.found_empty") } else { one.value.clone() };
            let title = if one.title.is_empty() { held.clone() } else { one.title.clone() };
            Link {
                note: if title == held { String::new() } else { shortened(&held) },
                ..Link::new(reading.record_href(&one.entity, one.id), shortened(&title), "file-text")
            }
        })
        .collect();
    (notes, records)
}

/// "Deal: field “Amount”"; "View “All deals”".
pub fn subject(reading: &Reading<'_>, draft: &Draft<'_>, place: &Place) -> String {
    let (kind, name) = (place.kind, place.name.as_str());
    let words = reading.words();
    let json = draft.definition(kind, name).or_else(|| reading.session.model.definition(kind, name));
    let shown = place.after.as_ref().or(place.before.as_ref());
    let field = place.field().and_then(|name| Some((name, shown?.get(name)?)));
    let label = field.map(|(field, definition)| {
        let own = definition.get("title").and_then(Json::as_str).unwrap_or(field);
        reading.label(kind, name, &format!("properties.{field}.title"), own)
    });
    match label {
        Some(label) => {
            let title =
                json.map_or_else(|| name.to_owned(), |json| reading.definition_title(kind, name, json));
            words.with("changes.of_field", &[("entity", &title), ("field", &label)])
        }
        None => definition_title(reading, kind, name, json),
    }
}

/// "View “All deals”".
fn definition_title(reading: &Reading<'_>, kind: DefinitionKind, name: &str, json: Option<&Json>) -> String {
    let json = json.or_else(|| reading.session.model.definition(kind, name));
    let title = match json {
        Some(json) if kind != DefinitionKind::Script => reading.definition_title(kind, name, json),
        _ => name.to_owned(),
    };
    let kind = reading.t(&format!("definition.{kind}.one"));
    reading.words().with("changes.of_definition", &[("kind", &kind), ("title", &title)])
}

/// Published versions, the newest first; the present one cannot be restored.
pub async fn version_lines(
    reading: &Reading<'_>,
    versions: &[VersionSummary],
    most: usize,
) -> Vec<VersionLine> {
    let people =
        people::names(reading.session, versions.iter().take(most).filter_map(|version| version.author)).await;
    versions
        .iter()
        .take(most)
        .map(|version| {
            let when = reading.format.when(version.at);
            let who = version
                .author
                .and_then(|id| people.get(&id).cloned())
                .unwrap_or_else(|| reading.t("history.by_system"));
            VersionLine {
                n: version.n.to_string(),
                title: version.title.clone(),
                note: format!("{who} · {}", when.text),
                exact: when.exact,
                changes_href: if version.n > 1 {
                    let (from, to) = ((version.n - 1).to_string(), version.n.to_string());
                    address::with_query(&reading.admin_href("versions"), [("from", from), ("to", to)])
                } else {
                    String::new()
                },
                restore_href: if version.n == reading.session.model.version {
                    String::new()
                } else {
                    reading.admin_href(&format!("versions/{}/restore", version.n))
                },
            }
        })
        .collect()
}
