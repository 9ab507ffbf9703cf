//! The columns of a file on the page that matches them: where each may go, what it looks like, and what was found in it.

use kontor_core::imports::{ColumnCheck, Mapping, Place, Table, Verdict, rows};
use kontor_model::EntityModel;
use kontor_view::field::OptionView;
use kontor_view::page::import::{ImportColumn, ImportRows};
use std::sync::Arc;

use super::Reading;
use crate::uploads::Upload;

/// Values of a column that are shown.
const SAMPLES: usize = 3;
/// Letters of a value that are shown.
const SHOWN: usize = 40;

/// A place that a column may go to, with its label.
pub struct Open<'a> {
    /// The place.
    pub place: Place<'a>,
    /// Its name in the mapping.
    pub name: String,
    /// What people call it: of a row's field with the list before it.
    pub label: String,
}

/// The places of an entity that the reader may fill from a file.
pub fn open<'a>(reading: &Reading<'a>, entity: &'a Arc<EntityModel>) -> Vec<Open<'a>> {
    let titles = kontor_core::records::Titles::new();
    let presenter = reading.presenter(&titles);
    let is_seen = |place: &Place<'_>| {
        super::values::is_readable(reading, place.entity, place.field)
            && place.list.is_none_or(|list| super::values::is_readable(reading, entity, list))
    };
    Place::all(&reading.session.model, entity)
        .into_iter()
        .filter(is_seen)
        .map(|place| {
            let label = place.field.full_label(place.entity, &reading.labels);
            let label = match place.list {
                Some(list) => reading
                    .words()
                    .with("part.joined", &[("whole", &presenter.label(list)), ("part", &label)]),
                None => label,
            };
            Open { name: place.name(), label, place }
        })
        .collect()
}

/// The label of a place by its name in a mapping or in the path of a problem.
pub fn label_of(reading: &Reading<'_>, entity: &Arc<EntityModel>, name: &str) -> Option<String> {
    let place = Place::find(&reading.session.model, entity, name)?;
    let titles = kontor_core::records::Titles::new();
    let presenter = reading.presenter(&titles);
    let label = place.field.full_label(place.entity, &reading.labels);
    Some(match place.list {
        Some(list) => {
            reading.words().with("part.joined", &[("whole", &presenter.label(list)), ("part", &label)])
        }
        None => label,
    })
}

/// A line of the table of columns.
pub fn column(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    table: &Table,
    mapping: &Mapping,
    open: &[Open<'_>],
    (index, title): (usize, &str),
    check: Option<&ColumnCheck>,
) -> ImportColumn {
    let chosen = mapping.columns.iter().find(|(_, one)| one.column.as_deref() == Some(title));
    let mut fields = vec![OptionView::new("-", reading.t("import.do_not"), chosen.is_none())];
    fields.extend(open.iter().map(|one| {
        let is_chosen = chosen.is_some_and(|(name, _)| *name == one.name);
        OptionView::new(one.name.clone(), one.label.clone(), is_chosen)
    }));
    let place = chosen.and_then(|(name, _)| Place::find(&reading.session.model, entity, name));
    let target = place
        .filter(|place| place.field.kind.is_link())
        .and_then(|place| place.field.targets.first())
        .and_then(|name| reading.session.entity(name).ok());
    let by = target.map(|target| look_ups(reading, &target, chosen.and_then(|(_, one)| one.by.as_deref())));
    let values = chosen
        .map(|(_, one)| {
            one.values.iter().map(|(from, to)| format!("{from} = {to}")).collect::<Vec<_>>().join("\n")
        })
        .unwrap_or_default();
    ImportColumn {
        number: (index + 1).to_string(),
        title: title.to_owned(),
        samples: samples(table, index),
        looks_like: check
            .and_then(|check| check.looks_like)
            .map(|kind| kind.name().to_owned())
            .unwrap_or_default(),
        fields,
        by: by.unwrap_or_default(),
        create_missing: chosen.is_some_and(|(_, one)| one.create_missing),
        values,
        state: check.map_or("ignored", |check| state_of(check.verdict)).to_owned(),
        check: check.map(|check| told(reading, check)).unwrap_or_default(),
    }
}

/// The fields by which a linked record may be found.
fn look_ups(reading: &Reading<'_>, target: &EntityModel, wanted: Option<&str>) -> Vec<OptionView> {
    let wanted = wanted.unwrap_or(&target.display_field().name).to_owned();
    let titles = kontor_core::records::Titles::new();
    let presenter = reading.presenter(&titles);
    target
        .fields
        .iter()
        .filter(|field| field.is_typed() && super::values::is_readable(reading, target, field))
        .filter(|field| !field.kind.is_list() && !field.kind.holds_files())
        .map(|field| OptionView::new(field.name.clone(), presenter.label(field), field.name == wanted))
        .collect()
}

fn samples(table: &Table, index: usize) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    let cells = table.rows.iter().filter_map(|(_, row)| row.get(index)).map(|cell| cell.trim());
    for cell in cells.filter(|cell| !cell.is_empty()) {
        let cell: String = cell.chars().take(SHOWN).collect();
        if !samples.contains(&cell) {
            samples.push(cell);
        }
        if samples.len() >= SAMPLES {
            break;
        }
    }
    samples
}

fn state_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::LeftOut | Verdict::Empty => "ignored",
        Verdict::Fits | Verdict::Found => "fine",
        Verdict::DoNotFit | Verdict::Unknown | Verdict::NotFound | Verdict::WillBeMade => "check",
    }
}

/// What was found in a column, in a sentence.
fn told(reading: &Reading<'_>, check: &ColumnCheck) -> String {
    let words = reading.words();
    let key = match check.verdict {
        Verdict::LeftOut => return words.t("import.check_left_out"),
        Verdict::Empty => return words.t("import.check_empty"),
        Verdict::Fits => "import.check_fits",
        Verdict::Found => "import.check_found",
        Verdict::DoNotFit => "import.check_wrong",
        Verdict::Unknown => "import.check_unknown",
        Verdict::NotFound => "import.check_not_found",
        Verdict::WillBeMade => "import.check_will_be_made",
    };
    let said = words.count(key, check.count);
    if check.examples.is_empty() {
        return said;
    }
    let examples = check.examples.iter().map(|(value, count)| {
        let value: String = value.chars().take(SHOWN).collect();
        if *count > 1 { format!("{value} ({})", reading.format.count(*count as u64)) } else { value }
    });
    words.with(
        "import.check_examples",
        &[("said", &said), ("values", &examples.collect::<Vec<_>>().join(", "))],
    )
}

/// How rows come in: a card for each list that the file fills.
pub fn row_cards(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    upload: &Upload,
    mapping: &Mapping,
    open: &[Open<'_>],
) -> Vec<ImportRows> {
    let (own, second) = upload.columns();
    let options = |columns: &[String], chosen: Option<&String>| -> Vec<OptionView> {
        let named = columns.iter().filter(|column| !column.is_empty());
        named.map(|column| OptionView::new(column.clone(), column.clone(), Some(column) == chosen)).collect()
    };
    rows(&reading.session.model, entity)
        .filter_map(|(list, _)| {
            let said = mapping.rows.get(&list.name);
            let prefix = format!("{}.", list.name);
            let is_used = mapping.columns.keys().any(|name| name.starts_with(&prefix));
            let columns = second.filter(|_| said.is_some_and(|said| said.column.is_some()));
            if !is_used && columns.is_none() {
                return None;
            }
            let mut keys = options(own, said.and_then(|said| said.key.as_ref()));
            if columns.is_none() {
                let is_open = said.is_none_or(|said| said.key.is_none());
                keys.insert(0, OptionView::new("", reading.t("import.rows_key_matched"), is_open));
            }
            let wanted = said.and_then(|said| said.match_field.as_deref());
            let mut matches = vec![OptionView::new("", reading.t("import.rows_alike"), wanted.is_none())];
            matches.extend(
                open.iter()
                    .filter(|one| one.place.list.is_some_and(|other| other.index == list.index))
                    .filter(|one| mapping.columns.contains_key(&one.name))
                    .map(|one| {
                        let field = one.place.field;
                        OptionView::new(field.name.clone(), one.label.clone(), wanted == Some(&field.name))
                    }),
            );
            let titles = kontor_core::records::Titles::new();
            Some(ImportRows {
                name: list.name.clone(),
                label: reading.presenter(&titles).label(list),
                keys,
                columns: columns
                    .map(|columns| options(columns, said.and_then(|said| said.column.as_ref())))
                    .unwrap_or_default(),
                matches,
                keep: said.is_some_and(|said| said.keep),
            })
        })
        .collect()
}
