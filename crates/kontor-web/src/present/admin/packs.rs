//! Packs as lines, and a pack's plan as a page.

use kontor_core::definitions::packs::{Act, Available, Choices, PackPlan};
use kontor_core::rows::PackRow;
use kontor_model::Json;
use kontor_model::definition::{DefinitionId, DefinitionKind};
use kontor_model::diff::Class;
use kontor_model::layer::MergeState;
use kontor_view::page::admin::packs::{MergeRow, PackChangePage, PackLine};
use kontor_view::page::part::Link;

use super::changes;
use super::entity::designer_href;
use super::shape::said;
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::Draft;

/// Letters of a value that are shown.
const MOST: usize = 300;

/// The installed packs, with the upgrades that there are.
pub fn installed(reading: &Reading<'_>, rows: &[PackRow], available: &[Available]) -> Vec<PackLine> {
    let layers = reading.session.workspace.layers();
    rows.iter()
        .map(|row| {
            let layer = layers.sets.iter().find(|(name, _)| *name == row.name);
            let upgrade = available.iter().find(|one| one.pack.name() == row.name);
            PackLine {
                definitions: layer.map(|(_, set)| set.len().to_string()).unwrap_or_default(),
                act: upgrade.map(|one| act(reading, one)),
                remove_href: if row.position == 0 {
                    String::new()
                } else {
                    reading.admin_href(&format!("packs/{}/removal", address::segment(&row.name)))
                },
                is_offered: upgrade.is_some_and(|one| one.is_offered),
                ..line(reading, &row.name, &row.version, &row.body)
            }
        })
        .collect()
}

/// The packs that are not installed.
pub fn available(reading: &Reading<'_>, available: &[Available]) -> Vec<PackLine> {
    available
        .iter()
        .filter(|one| one.installed.is_none())
        .map(|one| {
            let line = line(reading, one.pack.name(), one.pack.version(), &one.pack.manifest);
            // A pack that is not installed brings its own words.
            let language = reading.words().language().to_owned();
            let own = one.pack.definitions.get(&(DefinitionKind::Locale, language));
            let said = |key: &str, known: String| {
                let at = format!("/definitions/pack/{}/{key}", one.pack.name());
                own.and_then(|own| own.pointer(&at)).and_then(Json::as_str).map_or(known, str::to_owned)
            };
            PackLine {
                act: Some(act(reading, one)),
                is_offered: one.is_offered,
                title: said("title", line.title.clone()),
                description: said("description", line.description.clone()),
                ..line
            }
        })
        .collect()
}

fn line(reading: &Reading<'_>, name: &str, version: &str, manifest: &Json) -> PackLine {
    let text = |key: &str| {
        let own = manifest.get(key).and_then(Json::as_str).unwrap_or_default();
        reading.labels.label("pack", name, key, own).to_owned()
    };
    let below = manifest.get("packs").and_then(Json::as_array).into_iter().flatten();
    let rests_on: Vec<String> = below
        .filter_map(|one| {
            let version = one.get("version").and_then(Json::as_str).unwrap_or_default();
            Some(format!("{} {version}", one.get("name")?.as_str()?))
        })
        .collect();
    PackLine {
        name: name.to_owned(),
        title: text("title"),
        version: version.to_owned(),
        description: text("description"),
        rests_on: rests_on.join(", "),
        ..PackLine::default()
    }
}

fn act(reading: &Reading<'_>, one: &Available) -> Link {
    let (key, icon) = match (&one.installed, one.is_older) {
        (None, _) => ("packs.install", "plus"),
        (Some(_), false) => ("packs.upgrade_to", "arrow-up"),
        (Some(_), true) => ("packs.go_back_to", "undo-2"),
    };
    let href = reading.admin_href(&format!("packs/{}/change", address::segment(one.pack.name())));
    Link::new(href, reading.words().with(key, &[("version", one.pack.version())]), icon)
}

/// Where a value is changed; empty for what is not there yet.
fn page_of(reading: &Reading<'_>, id: &DefinitionId, place: &str) -> String {
    if reading.session.model.definition(id.0, &id.1).is_none() {
        return String::new();
    }
    let field = place.strip_prefix("/properties/").and_then(|rest| rest.split('/').next());
    let own = designer_href(reading, id.0, &id.1);
    let is_there =
        |field: &str| reading.session.model.entity(&id.1).is_some_and(|entity| entity.field(field).is_some());
    match field.filter(|field| id.0 == DefinitionKind::Entity && is_there(field)) {
        Some(field) => format!("{own}/fields/{}", address::segment(field)),
        None => own,
    }
}

/// A plan as a page.
pub fn change(reading: &Reading<'_>, draft: &Draft<'_>, plan: PackPlan) -> PackChangePage {
    let is_same = plan.is_empty();
    let rows = |state: MergeState| -> Vec<MergeRow> {
        let of_state = |one: &kontor_core::definitions::packs::MergedDefinition| {
            one.values
                .iter()
                .filter(|value| value.state == state)
                .map(|value| MergeRow {
                    place: Choices::name(&one.id, &value.place),
                    words: said::place(
                        reading,
                        &one.id,
                        &[&value.ours, &value.theirs, &value.before]
                            .into_iter()
                            .flatten()
                            .collect::<Vec<_>>(),
                        &value.place,
                    ),
                    href: page_of(reading, &one.id, &value.place),
                    before: said::value(reading, &one.id, &value.place, value.before.as_ref()),
                    theirs: said::value(reading, &one.id, &value.place, value.theirs.as_ref()),
                    ours: said::value(reading, &one.id, &value.place, value.ours.as_ref()),
                    side: value.side.as_str().to_owned(),
                    is_vanished: value.is_vanished(),
                })
                .collect::<Vec<_>>()
        };
        plan.merged.iter().flat_map(of_state).collect()
    };
    let named = |list: &[(String, String)]| -> Vec<Link> {
        list.iter()
            .map(|(kind, name)| {
                let title = kind.parse::<DefinitionKind>().ok().and_then(|kind| {
                    let json = reading.session.model.definition(kind, name)?;
                    Some(reading.definition_title(kind, name, json))
                });
                let kind = reading.t(&format!("definition.{kind}.one"));
                Link {
                    note: name.clone(),
                    ..Link::new("", format!("{kind} {}", title.unwrap_or_else(|| name.clone())), "")
                }
            })
            .collect()
    };
    let count = |class: Class| plan.plan.changes.iter().filter(|one| one.change.class == class).count();
    let mut cards = changes::cards(reading, draft, &plan.plan);
    for card in &mut cards {
        card.discard.clear();
        card.diff.clear();
    }
    PackChangePage {
        act: match plan.act {
            Act::Install => "install",
            Act::Upgrade => "upgrade",
            Act::Remove => "remove",
        }
        .to_owned(),
        conflicts: rows(MergeState::Conflict),
        kept: rows(MergeState::Kept),
        taken: rows(MergeState::Taken),
        aside: named(&plan.aside),
        back: named(&plan.back),
        left: named(&plan.left),
        changes: cards,
        lossy: count(Class::Lossy),
        refused: count(Class::Refused),
        title: plan.title,
        from: plan.from.unwrap_or_default(),
        to: plan.to.unwrap_or_default(),
        sql: plan.plan.sql,
        is_same,
        ..PackChangePage::default()
    }
}

/// A value as its JSON; nothing for nothing.
pub fn shown(json: Option<&Json>) -> String {
    let Some(json) = json else { return String::new() };
    let text = json.to_string();
    if text.chars().count() > MOST {
        format!("{}…", text.chars().take(MOST).collect::<String>())
    } else {
        text
    }
}
