//! From the model's values to what templates show: text, control value, options, link, colour.
//!
//! Knows the field and the reader's format; the titles of linked records are given to it, so what a reader may not see
//! simply is not among them.

pub mod report;

use std::collections::HashMap;

use kontor_model::entity::{EntityModel, FieldModel, Source};
use kontor_model::locale::Catalogue;
use kontor_model::problem::{Problem, Problems};
use kontor_model::value::Value;
use uuid::Uuid;

use crate::field::{Cell, FieldView, OptionView};
use crate::format::Format;
use crate::page::part::ProblemLine;

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
            Value::Text(text) => match field.kind.name() {
                "choice" => self.show_option(field, text, &mut cell),
                "email" => (cell.text, cell.href) = (text.clone(), format!("mailto:{text}")),
                "phone" => (cell.text, cell.href) = (text.clone(), format!("tel:{}", dialled(text))),
                "url" => (cell.text, cell.href) = (without_scheme(text), safe_address(text)),
                _ => cell.text.clone_from(text),
            },
            Value::Integer(number) => cell.text = self.format.integer(*number),
            Value::Decimal(number) => {
                cell.text = match field.kind.name() {
                    "percent" => self.format.percent(*number),
                    "money" => self.format.money(*number, currency),
                    _ => self.format.decimal(*number),
                }
            }
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
        cell
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
        let path = |key: &str| format!("properties.{}.{key}", field.name);
        let translated = |key: &str, own: &Option<String>| {
            self.labels
                .label("entity", &entity.name, &path(key), own.as_deref().unwrap_or_default())
                .to_owned()
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
            calculated: !matches!(field.source, Source::Typed) || kind == "autonumber",
            full: kind == "long_text",
            value: if value.is_empty() {
                String::new()
            } else {
                let text = field.kind.to_text(field, value, self.format.zone);
                if field.kind.is_number() { self.format.conventions.typed(&text) } else { text }
            },
            maximum_length: definition.max_length.map(|limit| limit.to_string()).unwrap_or_default(),
            step: step_of(field),
            zone: if kind == "datetime" { self.format.zone.name().to_owned() } else { String::new() },
            unit: if kind == "percent" { "%".to_owned() } else { String::new() },
            options: self.options(field, value),
            closed: kind == "choice",
            remark: value.as_date().map(|day| self.format.distance(day)).unwrap_or_default(),
            text: cell.text,
            exact: cell.exact,
            href: cell.href,
            tone: cell.tone,
            ..FieldView::default()
        };
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
        if kind == "money" {
            let currency = if currency.is_empty() { self.format.currency.as_str() } else { currency };
            currency.clone_into(&mut view.unit);
            view.currencies = vec![OptionView::new(currency, currency, true)];
        }
        view
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
            for problem in chosen.iter().filter(|problem| problem.field() == Some(view.name.as_str())) {
                let message = problem.message(self.labels);
                lines.push(ProblemLine {
                    anchor: format!("f-{}", view.name),
                    label: view.label.clone(),
                    message: message.clone(),
                });
                if warnings { view.warnings.push(message) } else { view.problems.push(message) }
            }
        }
        for problem in chosen {
            if fields.iter().any(|view| problem.field() == Some(view.name.as_str())) {
                continue;
            }
            let label = problem.field().unwrap_or_default().to_owned();
            lines.push(ProblemLine { anchor: String::new(), label, message: problem.message(self.labels) });
        }
        lines
    }

    fn options(&self, field: &FieldModel, value: &Value) -> Vec<OptionView> {
        let chosen = |option: &str| match value {
            Value::Text(text) => text == option,
            Value::List(values) => values.iter().any(|value| value == option),
            _ => false,
        };
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

    fn show_link(&self, entity: &str, id: Uuid, cell: &mut Cell) {
        let Some(title) = self.titles.get(&id) else { return };
        cell.text.clone_from(title);
        if !entity.is_empty() {
            cell.href = format!("{}/r/{entity}/{id}", self.base);
        }
    }
}

/// What a telephone dials: digits and a leading plus.
fn dialled(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect()
}

/// The address as people read it.
fn without_scheme(text: &str) -> String {
    let short = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    short.strip_suffix('/').unwrap_or(short).to_owned()
}

/// The address when it leads to the web; never a script or a file.
fn safe_address(text: &str) -> String {
    let lower = text.trim_start().to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") {
        return text.trim().to_owned();
    }
    String::new()
}

fn step_of(field: &FieldModel) -> String {
    match field.kind.scale(field) {
        _ if field.kind.name() == "integer" => "1".to_owned(),
        Some(0) => "1".to_owned(),
        Some(scale) => format!("0.{:0>width$}", 1, width = usize::from(scale)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_runs_a_script() {
        assert_eq!(safe_address("javascript:alert(1)"), "");
        assert_eq!(safe_address("https://kontor.dev/a"), "https://kontor.dev/a");
        assert_eq!(without_scheme("https://kontor.dev/"), "kontor.dev");
        assert_eq!(dialled("+49 (7161) 555-0142"), "+4971615550142");
    }
}
