//! A definition as the form shows it: controls by its meta-schema, items of lists closed but for the one that is worked on.

use std::collections::BTreeMap;

use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::formula::Type;
use kontor_model::layer::identity;
use kontor_model::{Json, Problem, Problems, kind};
use kontor_view::field::OptionView;
use kontor_view::page::admin::item::ConditionEditor;
use kontor_view::page::admin::shape::{ShapeField, ShapeItem};

use super::names::{Known, Named};
use super::node::{Node, Sort, is_required};
use super::read::{escape, inside};
use super::values;
use crate::extract::form::Form;
use crate::present::admin::conditions::{self, Shown};
use crate::routes::admin::draft::text;

/// The control of a line.
const LINE: &str = "text";
/// A level deeper than this is written as JSON.
const DEEPEST: usize = 24;

/// What the form is drawn of.
pub struct Drawing<'a> {
    /// What is known of names.
    pub known: &'a Known<'a>,
    /// The meta-schema.
    pub root: Node<'a>,
    /// The name of the definition.
    pub name: &'a str,
    /// What the layers below the workspace say; none where they say nothing of it.
    pub below: Option<&'a Json>,
    /// The layers below the workspace.
    pub layers: &'a [(String, DefinitionSet)],
    /// The item that is open.
    pub open: &'a str,
    /// What was sent, when it comes back.
    pub sent: Option<&'a Form>,
    /// Texts that could not be read.
    pub texts: &'a BTreeMap<String, String>,
    /// What is wrong.
    pub problems: &'a Problems,
}

impl Drawing<'_> {
    /// The controls of the whole definition.
    pub fn fields(&self) -> Vec<ShapeField> {
        let mut fields = self.members(&self.root, self.known.whole, "", 0);
        // The name is derived once and is no control afterwards.
        fields.retain(|field| field.at != "/name");
        fields
    }

    fn members(&self, node: &Node<'_>, value: &Json, at: &str, depth: usize) -> Vec<ShapeField> {
        let mut fields = Vec::new();
        let mut last = None;
        // A view that is a list has no use for what boards are made of.
        let complete = at.split('/').skip(1).fold(self.root.completion(), |node, part| node?.narrowed(part));
        let useless = complete.map(|node| node.forbidden(Some(value))).unwrap_or_default();
        for (key, member) in node.members(Some(value)) {
            if useless.contains(&key) && value.get(key).is_none_or(Json::is_null) {
                continue;
            }
            let pointer = format!("{at}/{}", escape(key));
            let Some(field) = self.field(&member, value.get(key), &pointer, depth) else { continue };
            // The technical name is the last thing that anybody looks for.
            if key == "name" { last = Some(field) } else { fields.push(field) }
        }
        fields.extend(last);
        fields
    }

    fn field(&self, node: &Node<'_>, value: Option<&Json>, at: &str, depth: usize) -> Option<ShapeField> {
        let reading = self.known.reading;
        let mut sort = node.sort();
        if sort == Sort::Fixed {
            return None;
        }
        if depth > DEEPEST && matches!(sort, Sort::List | Sort::Map | Sort::Object) {
            sort = Sort::Source;
        }
        let key = at.rsplit('/').next().unwrap_or_default();
        let label = match node.text("title") {
            "" => key.to_owned(),
            title => reading.schema_text(title),
        };
        let about = node.text("description");
        let help = if at.matches('/').count() == 1 {
            reading.described_as(self.known.kind.as_str(), key, about)
        } else {
            reading.schema_text(about)
        };
        let mut field = ShapeField {
            at: at.to_owned(),
            label,
            help,
            required: is_required(self.root, self.known.whole, at),
            problems: self.messages(at),
            value: values::written(&sort, value, reading.format.conventions),
            ..ShapeField::default()
        };
        if let Some(typed) = self.texts.get(at) {
            field.value.clone_from(typed);
        }
        self.layered(&mut field, value, at);
        self.control(&mut field, node, &sort, value, depth);
        Some(field)
    }

    /// The kind of control, and what it needs.
    fn control(
        &self,
        field: &mut ShapeField,
        node: &Node<'_>,
        sort: &Sort,
        value: Option<&Json>,
        depth: usize,
    ) {
        let at = field.at.clone();
        let null = Json::Null;
        let held = value.unwrap_or(&null);
        let word = match sort {
            Sort::Choice(words) => {
                field.options = self.words(words, &at, &field.value);
                "choice"
            }
            Sort::Flag => {
                field.options = self.flag(&field.value);
                "choice"
            }
            Sort::Ticks(words) => {
                let chosen: Vec<&str> =
                    held.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                field.options = words
                    .iter()
                    .map(|word| {
                        OptionView::new(word.clone(), self.word(word, &at), chosen.contains(&word.as_str()))
                    })
                    .collect();
                "ticks"
            }
            Sort::Number(_) => "number",
            Sort::Text(true) => "lines",
            Sort::Text(false) => self.named(field, node),
            Sort::Scalar => self.scalar(field),
            Sort::Several => {
                self.several(field, node, held);
                "several"
            }
            Sort::Either(words) => self.either(field, node, words, held, depth),
            Sort::Any if self.is_long(&at) => "lines",
            Sort::Any | Sort::Fixed => LINE,
            Sort::Source => "json",
            Sort::Condition => {
                field.condition = Some(self.condition(&at, value));
                "condition"
            }
            Sort::Object => {
                field.fields = self.members(node, held, &at, depth + 1);
                "group"
            }
            Sort::Short(_) => {
                field.fields = self.members(node, &long(held), &at, depth + 1);
                "group"
            }
            Sort::Map => {
                self.map(field, node, held, depth);
                "map"
            }
            Sort::List => self.list(field, node, held, depth),
        };
        // A browser takes the line breaks out of a line.
        let word = if word == LINE && field.value.contains(['\n', '\r']) { "lines" } else { word };
        word.clone_into(&mut field.sort);
    }

    /// A word, or an object that says more: its controls stand below.
    fn either(
        &self,
        field: &mut ShapeField,
        node: &Node<'_>,
        words: &[String],
        held: &Json,
        depth: usize,
    ) -> &'static str {
        let beside = node.beside();
        let is_object = field.value == values::OBJECT;
        let chosen = if is_object { "" } else { &field.value };
        field.options = self.words(words, &field.at, chosen);
        let title = beside.map(|beside| self.known.reading.schema_text(beside.text("description")));
        let title = title.unwrap_or_default();
        let title = title.trim_end_matches(['.', '。']);
        field.options.push(OptionView::new(values::OBJECT, title, is_object));
        let (Some(beside), true) = (beside, held.is_object()) else { return "choice" };
        let at = field.at.clone();
        field.fields = self.members(&beside, held, &at, depth + 1);
        "either"
    }

    /// Whether what is written into a field is long.
    fn is_long(&self, at: &str) -> bool {
        let Some((above, key)) = at.rsplit_once('/') else { return false };
        let of_field = matches!(self.known.keys(above), Named::Field { .. });
        let field = self.known.subject(at).filter(|_| of_field).and_then(|entity| entity.field(key));
        field.is_some_and(|field| field.kind.is_long())
    }

    /// A text that may be a name of something.
    fn named(&self, field: &mut ShapeField, node: &Node<'_>) -> &'static str {
        match self.known.named(&field.at, node) {
            Named::Icon => {
                "icons".clone_into(&mut field.suggest);
                "text"
            }
            named => match self.known.options(&field.at, &named, &field.value) {
                Some(options) => {
                    field.options = options;
                    "choice"
                }
                None => "text",
            },
        }
    }

    /// A value whose kind a neighbour says.
    fn scalar(&self, field: &mut ShapeField) -> &'static str {
        let above = field.at.rsplit_once('/').map_or("", |(above, _)| above);
        let Some(holder) = self.known.whole.pointer(above) else { return "text" };
        let found = kind::find(text(holder, "kind"));
        let Some(kind) = found else { return LINE };
        if kind.formula_type() == Type::Boolean {
            field.options = self.flag(&field.value);
            return "choice";
        }
        if kind.is_choice() && holder.get("oneOf").is_some_and(Json::is_array) {
            let list = holder.get("oneOf").and_then(Json::as_array).into_iter().flatten();
            field.options = list
                .filter(|option| !text(option, "const").is_empty())
                .map(|option| {
                    let own = text(option, "const");
                    let title = option.get("title").and_then(Json::as_str).unwrap_or(own);
                    OptionView::new(own, title, own == field.value)
                })
                .collect();
            return "choice";
        }
        match (kind.is_long(), kind.is_number() && kind.unit().is_none()) {
            (true, _) => "lines",
            (_, true) => "number",
            _ => "text",
        }
    }

    fn several(&self, field: &mut ShapeField, node: &Node<'_>, held: &Json) {
        let named = self.known.named(&field.at, node);
        let options = self.known.options(&field.at, &named, "");
        let only_texts = options.is_some() || node.is_of_texts();
        let conventions = self.known.reading.format.conventions;
        let text = |one: &Json| values::one_of_several(one, only_texts, conventions);
        let values: Vec<String> = match held {
            Json::Array(list) => list.iter().map(text).collect(),
            Json::Null => Vec::new(),
            one => vec![text(one)],
        };
        match options {
            Some(mut options) => {
                for value in &values {
                    if !options.iter().any(|option| option.value == *value) {
                        options.push(OptionView::new(value.clone(), value.clone(), true));
                    }
                }
                for option in &mut options {
                    option.selected = values.contains(&option.value);
                }
                field.options = options;
            }
            None => {
                field.items = values
                    .into_iter()
                    .chain(std::iter::once(String::new()))
                    .map(|value| ShapeItem { value, ..ShapeItem::default() })
                    .collect();
            }
        }
    }

    fn list(&self, field: &mut ShapeField, node: &Node<'_>, held: &Json, depth: usize) -> &'static str {
        let Some(item) = node.item() else { return "json" };
        let items = held.as_array().map(Vec::as_slice).unwrap_or_default();
        let at = field.at.clone();
        let most = node.keyword("maxItems").and_then(Json::as_u64).unwrap_or(u64::MAX);
        field.may_add = (items.len() as u64) < most;
        field.gone = self.gone(&at, items);
        let place = |index: usize| format!("{at}/{index}");
        let sort = item.sort();
        let is_whole = matches!(sort, Sort::Object | Sort::Short(_));
        let named = match sort {
            Sort::Short(key) => {
                let members = item.members(None);
                let member = members.into_iter().find(|(known, _)| *known == key);
                member.map_or(Named::Nothing, |(_, member)| self.known.named(&place(0), &member))
            }
            _ => self.known.named(&place(0), &item),
        };
        for (index, value) in items.iter().enumerate() {
            let own = place(index);
            let open = is_whole && (self.open == own || self.open.starts_with(&format!("{own}/")));
            let mut shown = ShapeItem {
                up: index > 0,
                down: index + 1 < items.len(),
                open,
                problems: if open { self.messages(&own) } else { self.messages_below(&own) },
                ..ShapeItem::default()
            };
            if is_whole {
                shown.label = self.item_label(&item, value, &own, index);
                shown.note = self.item_note(&item, value, &own);
                if open {
                    shown.fields = self.members(&item, &long(value), &own, depth + 1);
                }
            } else {
                shown.value = values::written(&sort, Some(value), self.known.reading.format.conventions);
                shown.label = self.known.label(&own, &named, &shown.value);
            }
            self.item_layer(&mut shown, value, &own);
            shown.at = own;
            field.items.push(shown);
        }
        field.options = self.known.options(&place(items.len()), &named, "").unwrap_or_default();
        let offered = !field.options.is_empty();
        let there: Vec<&str> = items.iter().filter_map(identity).collect();
        field.options.retain(|option| !there.contains(&option.value.as_str()));
        match (is_whole, offered) {
            (true, _) => "list",
            (false, true) => "names",
            (false, false) => {
                let place = place(items.len());
                if field.may_add {
                    field.items.push(ShapeItem { at: place, ..ShapeItem::default() });
                }
                "texts"
            }
        }
    }

    fn map(&self, field: &mut ShapeField, node: &Node<'_>, held: &Json, depth: usize) {
        let Some(entry) = node.entry() else { return };
        let at = field.at.clone();
        let named = self.known.keys(&at);
        let is_whole = matches!(entry.sort(), Sort::Object);
        for (key, value) in held.as_object().into_iter().flatten() {
            let own = format!("{at}/{}", escape(key));
            let open = !is_whole || self.open == own || self.open.starts_with(&format!("{own}/"));
            let mut shown = ShapeItem {
                label: self.known.label(&own, &named, key),
                value: key.clone(),
                inline: !is_whole,
                open,
                problems: if open { Vec::new() } else { self.messages_below(&own) },
                ..ShapeItem::default()
            };
            if is_whole && open {
                shown.fields = self.members(&entry, value, &own, depth + 1);
            } else if is_whole {
                shown.note = self.entry_note(&entry, value);
            } else if let Some(mut one) = self.field(&entry, Some(value), &own, depth + 1) {
                one.label.clone_from(&shown.label);
                one.help.clear();
                one.from.clear();
                shown.fields = vec![one];
            }
            self.item_layer(&mut shown, value, &own);
            shown.at = own;
            field.items.push(shown);
        }
        field.may_add = true;
        field.options = self.known.options(&at, &named, "").unwrap_or_default();
        let there: Vec<&String> = held.as_object().into_iter().flatten().map(|(key, _)| key).collect();
        field.options.retain(|option| !there.contains(&&option.value));
    }

    fn condition(&self, at: &str, value: Option<&Json>) -> ConditionEditor {
        let reading = self.known.reading;
        let shown = Shown {
            legend: String::new(),
            lead: String::new(),
            condition: value.filter(|value| value.is_object()),
            entity: self.known.subject(at),
            about_changes: matches!(self.known.kind, DefinitionKind::Workflow | DefinitionKind::Process),
        };
        let sent = self.sent.map(|sent| inside(sent, at)).filter(|inner| !inner.0.is_empty());
        conditions::editor(reading, &shown, sent.as_ref())
    }

    fn flag(&self, chosen: &str) -> Vec<OptionView> {
        let word = |key: &str| self.known.reading.t(key);
        vec![
            OptionView::new("true", word("yes"), chosen == "true"),
            OptionView::new("false", word("no"), chosen == "false"),
        ]
    }

    fn words(&self, words: &[String], at: &str, chosen: &str) -> Vec<OptionView> {
        let mut found: Vec<OptionView> = words
            .iter()
            .map(|word| OptionView::new(word.clone(), self.word(word, at), word == chosen))
            .collect();
        if !chosen.is_empty() && !found.iter().any(|option| option.selected) {
            found.push(OptionView::new(chosen, chosen, true));
        }
        found
    }

    /// A word of the language of definitions, as people read it.
    pub(super) fn word(&self, word: &str, at: &str) -> String {
        self.known.reading.schema_word(at.rsplit('/').next().unwrap_or_default(), word)
    }

    fn messages(&self, at: &str) -> Vec<String> {
        let own = self.problems.iter().filter(|problem| problem.path == at);
        own.map(|problem| self.told(problem)).collect()
    }

    /// A problem in words; of a text of several lines, with the line.
    pub(super) fn told(&self, problem: &Problem) -> String {
        let reading = self.known.reading;
        let said = conditions::in_words(reading, None, problem).message(&reading.labels);
        let Some(line) = problem.line else { return said };
        let column = problem.column.unwrap_or(1).to_string();
        let place = [("line", line.to_string()), ("column", column)];
        let place: Vec<(&str, &str)> = place.iter().map(|(name, text)| (*name, text.as_str())).collect();
        format!("{}{}{said}", reading.words().with("source.line_column", &place), reading.t("form.colon"))
    }

    fn messages_below(&self, at: &str) -> Vec<String> {
        let inner = format!("{at}/");
        let own = self.problems.iter().filter(|one| one.path == at || one.path.starts_with(&inner));
        own.map(|problem| self.told(problem)).collect()
    }
}

/// An item in its long form.
pub(super) fn long(value: &Json) -> Json {
    match value {
        Json::String(text) => serde_json::json!({ "field": text }),
        other => other.clone(),
    }
}
