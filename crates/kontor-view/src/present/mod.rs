//! From the model's values to what templates show: text, control value, options, link, colour.
//!
//! Knows the field and the reader's format; the titles of linked records are given to it, so what a reader may not see
//! simply is not among them.

pub mod report;

use std::collections::HashMap;

use kontor_model::Record;
use kontor_model::entity::{EntityModel, FieldModel, Source};
use kontor_model::formula::Type;
use kontor_model::held_file::size_text;
use kontor_model::kind::{CONVERTED, NumberStyle, Shown};
use kontor_model::locale::Catalogue;
use kontor_model::problem::{Problem, Problems};
use kontor_model::value::{HeldFile, Signed, Value};
use uuid::Uuid;

use crate::field::{Cell, FieldView, FileView, OptionView};
use crate::format::Format;
use crate::page::part::{Link, ProblemLine};

/// Turns values into cells and fields for one reader.
#[derive(Clone, Copy, Debug)]
pub struct Presenter<'a> {
    /// How the reader writes values.
    pub format: &'a Format,
    /// The labels of the workspace's definitions in the reader's language.
    pub labels: &'a Catalogue,
    /// Path of the workspace: `/w/main`.
    pub base: &'a str,
    /// Titles of linked records the reader may see.
    pub titles: &'a HashMap<Uuid, String>,
    /// The entities whose records have pages for the reader; all when `None`.
    pub pages: Option<&'a [String]>,
}

/// The class of a colour that a definition names; empty for none.
pub fn tone(color: &str) -> &'static str {
    match color {
        "slate" | "grey" | "gray" => "t-grey",
        "blue" | "sky" | "indigo" => "t-blue",
        "green" | "lime" | "emerald" => "t-green",
        "amber" | "yellow" | "orange" => "t-amber",
        "red" => "t-red",
        "violet" | "purple" => "t-violet",
        "rose" | "pink" => "t-rose",
        "teal" | "petrol" | "cyan" | "accent" => "t-accent",
        _ => "",
    }
}

/// Titles that the column of a list of links shows; of more it says how many there are.
const TITLES: usize = 3;

/// What a mask is drawn as, whatever the kind of its field.
const TEXT: &str = "text";

impl Presenter<'_> {
    /// The label of a field in the reader's language.
    pub fn label(&self, field: &FieldModel) -> String {
        field.label(self.labels).to_owned()
    }

    /// A value for a table. `currency` is the value of a money field's companion; empty takes the workspace's.
    pub fn cell(&self, _entity: &EntityModel, field: &FieldModel, value: &Value, currency: &str) -> Cell {
        let mut cell = Cell { kind: field.kind.name().to_owned(), ..Cell::default() };
        match value {
            Value::Empty => {}
            Value::Text(text) if field.kind.is_choice() => self.show_option(field, text, &mut cell),
            Value::Text(text) | Value::Masked(text) => cell.text.clone_from(text),
            Value::Integer(count) if field.kind.is_list() => {
                let count = usize::try_from(*count).unwrap_or_default();
                if count > 0 {
                    cell.text = self.format.words.count("value.listed", count);
                }
            }
            Value::Integer(number) => cell.text = self.format.integer(*number),
            Value::Decimal(number) => {
                cell.text = match field.kind.style() {
                    NumberStyle::Percent => self.format.percent(*number),
                    // Nobody typed the last digits of what an amount is worth.
                    NumberStyle::Money if field.part == Some(CONVERTED) || field.is_derived() => {
                        self.format.money_in_coins(*number, currency)
                    }
                    NumberStyle::Money => self.format.money(*number, currency),
                    NumberStyle::Plain | NumberStyle::Span => self.format.decimal(*number),
                }
            }
            Value::Json(json) => cell.text = json.to_string(),
            Value::Files(files) => cell.files = self.files(files),
            Value::Secret(_) => cell.text = self.format.words.t("value.secret_set"),
            Value::Boolean(yes) => {
                cell.text = self.format.words.t(if *yes { "value.yes" } else { "value.no" });
                cell.tone = if *yes { "ok".to_owned() } else { String::new() };
            }
            Value::Date(day) => {
                cell.text = self.format.date(*day);
                cell.exact = day.to_string();
            }
            Value::DateTime(moment) => {
                cell.text = self.format.moment(*moment);
                cell.exact = self.format.when(*moment).exact;
            }
            Value::Id(id) => self.show_link(field.targets.first().map_or("", String::as_str), *id, &mut cell),
            Value::AnyLink(link) => self.show_link(&link.entity, link.id, &mut cell),
            Value::List(titles) if field.kind.is_list() => {
                cell.text = titles.iter().take(TITLES).map(String::as_str).collect::<Vec<_>>().join(", ");
                if titles.len() > TITLES {
                    cell.text = format!("{} +{}", cell.text, titles.len() - TITLES);
                    cell.exact = titles.join(", ");
                }
            }
            Value::List(values) => {
                for value in values {
                    let mut one = Cell::default();
                    self.show_option(field, value, &mut one);
                    cell.options.push(OptionView {
                        value: value.clone(),
                        title: one.text,
                        tone: one.tone,
                        selected: true,
                        retired: false,
                    });
                }
                cell.text =
                    cell.options.iter().map(|option| option.title.as_str()).collect::<Vec<_>>().join(", ");
            }
        }
        if let Some(shown) = self.shown(field, value) {
            cell.text = shown.text;
            cell.href = shown.href;
            if !field.kind.is_long() {
                cell.exact = shown.exact;
            }
        }
        cell
    }

    /// What the kind itself says of a value.
    fn shown(&self, field: &FieldModel, value: &Value) -> Option<Shown> {
        let is_told = !value.is_empty() && !matches!(value, Value::Masked(_));
        if is_told { field.kind.shown(field, value, self.labels) } else { None }
    }

    /// A field of a record, shown or edited. Options of links, users and teams are added by who can read them.
    pub fn field(
        &self,
        entity: &EntityModel,
        field: &FieldModel,
        value: &Value,
        currency: &str,
    ) -> FieldView {
        let cell = self.cell(entity, field, value, currency);
        let definition = &field.definition;
        let translated = |key: &str, own: &Option<String>| {
            field.text(key, own.as_deref().unwrap_or_default(), self.labels).to_owned()
        };
        let kind = field.kind.name();
        let mut view = FieldView {
            name: field.name.clone(),
            label: self.label(field),
            kind: kind.to_owned(),
            help: translated("help", &definition.help),
            placeholder: translated("placeholder", &definition.placeholder),
            required: field.required,
            readonly: !field.is_typed(),
            calculated: !matches!(field.source, Source::Typed) || field.kind.is_drawn(),
            drawn: field.kind.is_drawn(),
            full: field.kind.is_long() || field.kind.is_list(),
            value: if value.is_empty() {
                String::new()
            } else {
                let text = field.kind.to_text(field, value, self.format.zone);
                if field.kind.is_number() { self.format.conventions.typed(&text) } else { text }
            },
            maximum_length: definition.max_length.map(|limit| limit.to_string()).unwrap_or_default(),
            step: step_of(field),
            zone: if field.kind.formula_type() == Type::DateTime {
                self.format.zone.name().to_owned()
            } else {
                String::new()
            },
            unit: match field.kind.style() {
                NumberStyle::Percent => "%".to_owned(),
                _ => definition.language.clone().unwrap_or_default(),
            },
            parts: self.parts(entity, field, value),
            options: self.options(field, value),
            accept: definition.accept.clone().unwrap_or_else(|| field.kind.accepts().to_owned()),
            files: cell.files,
            closed: field.kind.is_choice(),
            remark: value.as_date().map(|day| self.format.distance(day)).unwrap_or_default(),
            text: cell.text,
            exact: cell.exact,
            href: cell.href,
            tone: cell.tone,
            ..FieldView::default()
        };
        if field.kind.is_write_only() {
            view.value = String::new();
        }
        if matches!(value, Value::Masked(_)) {
            // No letter of it leads anywhere: a mask is no address and no number to dial.
            TEXT.clone_into(&mut view.kind);
            view.value = String::new();
            view.readonly = true;
            view.masked = true;
        }
        if let Some(shown) = self.shown(field, value) {
            view.exact = shown.exact;
        }
        match value {
            Value::Id(id) => {
                view.link_id = id.to_string();
                view.value.clone_from(&view.text);
            }
            Value::AnyLink(link) => {
                view.link_id = link.id.to_string();
                view.link_entity.clone_from(&link.entity);
                view.value.clone_from(&view.text);
            }
            Value::DateTime(moment) => {
                view.value = moment.with_timezone(&self.format.zone).format("%Y-%m-%dT%H:%M").to_string();
            }
            _ => {}
        }
        if field.kind.is_link() && view.link_entity.is_empty() {
            view.link_entity = field.targets.first().cloned().unwrap_or_default();
        }
        if field.kind.style() == NumberStyle::Money {
            let currency = if currency.is_empty() { self.format.currency.as_str() } else { currency };
            currency.clone_into(&mut view.unit);
            // A currency that is calculated is shown and not sent.
            if entity.currency_of(field.index).is_none_or(FieldModel::is_typed) {
                view.currencies = vec![OptionView::new(currency, currency, true)];
            }
        }
        view
    }

    /// Files as they are shown and posted.
    pub fn files(&self, files: &[HeldFile]) -> Vec<FileView> {
        let side = |side: Option<u32>| side.map(|side| side.to_string()).unwrap_or_default();
        (1..)
            .zip(files)
            .map(|(place, file): (usize, _)| FileView {
                id: file.id.to_string(),
                name: file.name.clone(),
                size: size_text(file.size),
                href: format!("{}/files/{}", self.base, file.id),
                picture: file.is_picture(),
                width: side(file.pixels.map(|(width, _)| width)),
                height: side(file.pixels.map(|(_, height)| height)),
                signed: file.signed.as_ref().map(|signed| self.signed(signed)).unwrap_or_default(),
                value: file.to_json().to_string(),
                place: place.to_string(),
            })
            .collect()
    }

    fn signed(&self, signed: &Signed) -> String {
        let when = self.format.moment(signed.at);
        self.format.words.with("value.signed", &[("name", &signed.name), ("when", &when)])
    }

    /// The parts of a value as fields inside the field.
    fn parts(&self, entity: &EntityModel, whole: &FieldModel, value: &Value) -> Vec<FieldView> {
        if whole.kind.parts().is_empty() {
            return Vec::new();
        }
        let mut record = Record::empty(entity);
        record.set(whole.index, value.clone());
        kontor_model::kind::settle(entity, &mut record);
        let arranged = whole.kind.arrangement(&self.format.conventions);
        let place = |part: &FieldModel| {
            let name = part.part.map(|part| part.name);
            arranged.iter().position(|known| Some(*known) == name).unwrap_or(arranged.len())
        };
        let mut parts: Vec<&FieldModel> = entity.parts_of(whole.index).collect();
        parts.sort_by_key(|part| place(part));
        parts.into_iter().map(|part| self.field(entity, part, record.at(part.index), "")).collect()
    }

    /// The problems of a form at its fields, and all of them in the order of the form for the summary on top.
    pub fn place_problems(
        &self,
        problems: &Problems,
        fields: &mut [&mut FieldView],
        warnings: bool,
    ) -> Vec<ProblemLine> {
        let mut lines = Vec::new();
        let chosen: Vec<&Problem> = problems.iter().filter(|problem| problem.warning == warnings).collect();
        for view in fields.iter_mut() {
            let name = view.name.clone();
            for problem in chosen.iter().filter(|problem| is_about(problem, &name)) {
                let message = problem.message(self.labels);
                let at = view.parts.iter().position(|part| is_at_part(problem, &view.name, &part.name));
                let label = view.label.clone();
                let (place, label) = match at.and_then(|index| view.parts.get_mut(index)) {
                    Some(part) => {
                        let label = format!("{label}: {}", part.label);
                        (part, label)
                    }
                    None => (&mut **view, label),
                };
                lines.push(ProblemLine {
                    anchor: format!("f-{}", place.name),
                    label,
                    message: message.clone(),
                    records: self.records_of(problem),
                });
                if warnings { place.warnings.push(message) } else { place.problems.push(message) }
            }
        }
        for problem in chosen {
            if fields.iter().any(|view| is_about(problem, &view.name)) {
                continue;
            }
            let label = problem.field().unwrap_or_default().to_owned();
            let (message, records) = (problem.message(self.labels), self.records_of(problem));
            lines.push(ProblemLine { anchor: String::new(), label, message, records });
        }
        lines
    }

    /// Where the records that a problem names are.
    fn records_of(&self, problem: &Problem) -> Vec<Link> {
        let seen = problem
            .records
            .iter()
            .flat_map(|records| records.iter())
            .filter(|record| self.has_pages(&record.entity))
            .filter_map(|record| Some((record, record.seen.as_ref()?)));
        seen.map(|(record, (id, title))| Link {
            note: record.holder.clone(),
            ..Link::new(format!("{}/r/{}/{id}", self.base, record.entity), title.clone(), "arrow-up-right")
        })
        .collect()
    }

    fn options(&self, field: &FieldModel, value: &Value) -> Vec<OptionView> {
        let chosen = |option: &str| match value {
            Value::Text(text) => text == option,
            Value::List(values) => values.iter().any(|value| value == option),
            _ => false,
        };
        if field.kind.suggests_used() {
            return Vec::new();
        }
        let offers = field.kind.offers(self.labels);
        if !offers.is_empty() {
            let mut list: Vec<OptionView> = offers
                .into_iter()
                .map(|(value, title)| {
                    let is_chosen = chosen(&value);
                    OptionView::new(value, title, is_chosen)
                })
                .collect();
            // What is stored and offered no longer stays in the control, so that a save does not empty it.
            if let Value::Text(text) = value
                && !list.iter().any(|option| option.selected)
            {
                let unknown = OptionView::new(text.clone(), text.clone(), true);
                list.insert(0, OptionView { retired: true, ..unknown });
            }
            return list;
        }
        let steps = field.kind.steps(field);
        if !steps.is_empty() {
            let own = if value.is_empty() {
                String::new()
            } else {
                field.kind.to_text(field, value, self.format.zone)
            };
            return steps
                .into_iter()
                .map(|step| OptionView::new(step.clone(), step.clone(), step == own))
                .collect();
        }
        field
            .definition
            .one_of
            .iter()
            .filter(|option| !option.retired || chosen(&option.value))
            .map(|option| OptionView {
                value: option.value.clone(),
                title: field.option_label(&option.value, self.labels).to_owned(),
                tone: option.color.as_deref().map(tone).unwrap_or_default().to_owned(),
                selected: chosen(&option.value),
                retired: option.retired,
            })
            .collect()
    }

    fn show_option(&self, field: &FieldModel, value: &str, cell: &mut Cell) {
        field.option_label(value, self.labels).clone_into(&mut cell.text);
        let option = field.definition.one_of.iter().find(|option| option.value == value);
        option
            .and_then(|option| option.color.as_deref())
            .map(tone)
            .unwrap_or_default()
            .clone_into(&mut cell.tone);
    }

    fn has_pages(&self, entity: &str) -> bool {
        self.pages.is_none_or(|pages| pages.iter().any(|name| name == entity))
    }

    fn show_link(&self, entity: &str, id: Uuid, cell: &mut Cell) {
        let Some(title) = self.titles.get(&id) else { return };
        cell.text.clone_from(title);
        if !entity.is_empty() && self.has_pages(entity) {
            cell.href = format!("{}/r/{entity}/{id}", self.base);
        }
    }
}

/// Whether a problem is about a field or a part of it.
fn is_about(problem: &Problem, name: &str) -> bool {
    let Some(field) = problem.field() else { return false };
    field == name || field.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether a problem is about one part: `/address/city`, or `/address.city` where the part came by itself.
fn is_at_part(problem: &Problem, whole: &str, part: &str) -> bool {
    let inside = problem.path.strip_prefix('/').and_then(|path| path.strip_prefix(whole));
    let named = part.strip_prefix(whole).unwrap_or(part);
    problem.field() == Some(part)
        || inside
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|rest| Some(rest) == named.strip_prefix('.'))
}

fn step_of(field: &FieldModel) -> String {
    match field.kind.scale(field) {
        None if field.kind.is_number() && field.kind.style() == NumberStyle::Plain => "1".to_owned(),
        Some(0) => "1".to_owned(),
        Some(scale) => format!("0.{:0>width$}", 1, width = usize::from(scale)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_finds_its_part() {
        let whole = Problem::new("too_long", "/address");
        let inside = Problem::new("too_long", "/address/city");
        let itself = Problem::new("not_a_number", "/position.lat");
        assert!(is_about(&whole, "address") && is_about(&inside, "address") && is_about(&itself, "position"));
        assert!(!is_about(&whole, "position") && !is_at_part(&whole, "address", "address.city"));
        assert!(is_at_part(&inside, "address", "address.city"));
        assert!(is_at_part(&itself, "position", "position.lat"));
        assert_eq!(tone("slate"), "t-grey");
    }
}
