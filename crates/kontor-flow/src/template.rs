//! Texts with `{{ … }}`: a name and the fields of it, nothing more. Whatever needs more is a formula.

use std::collections::BTreeSet;

use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, Model, Problem, Problems, Value};

use crate::names::Names;
use crate::value::Scope;

/// A text whose gaps are filled when it is needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// A gap of a text.
#[derive(Clone, Copy, Debug)]
pub struct Gap<'t> {
    /// Where the path begins.
    pub of: GapOf<'t>,
    /// What is read there.
    pub path: &'t FieldPath,
}

/// Where the path of a gap begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapOf<'t> {
    /// The record that started it all.
    Record,
    /// A record that an earlier step named.
    Named(&'t str),
    /// Whoever it acts for.
    Actor,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Record(FieldPath),
    Old(FieldPath),
    Named(String, FieldPath),
    User(String, FieldPath),
    Now,
}

impl Template {
    /// Whether a text has gaps.
    pub fn is_one(text: &str) -> bool {
        text.contains("{{")
    }

    /// Reads a text; the problems are at the root.
    pub(crate) fn read(text: &str, names: &Names<'_>) -> Result<Self, Problems> {
        let mut pieces = Vec::new();
        let mut problems = Problems::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let Some((inside, after)) = after.split_once("}}") else {
                problems.push(Problem::new("text_not_closed", "").with("value", after));
                return Err(problems);
            };
            match piece(inside.trim(), names) {
                Ok(piece) => pieces.push(piece),
                Err(problem) => problems.push(problem),
            }
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        problems.into_result(Self { pieces })
    }

    /// What the gaps look at, in the order of the gaps.
    pub fn gaps(&self) -> Vec<Gap<'_>> {
        let mut gaps = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Record(path) | Piece::Old(path) => gaps.push(Gap { of: GapOf::Record, path }),
                Piece::Named(name, path) => gaps.push(Gap { of: GapOf::Named(name), path }),
                Piece::User(_, path) => gaps.push(Gap { of: GapOf::Actor, path }),
                Piece::Text(_) | Piece::Now => {}
            }
        }
        gaps
    }

    /// The text with its gaps filled: links by their titles, choices by their labels, empty as nothing.
    pub fn render(&self, scope: &dyn Scope, model: &Model) -> String {
        self.render_without(scope, model, &BTreeSet::new())
    }

    /// The same as an address: what fills a gap is a word of it, and never becomes another part, or another address.
    pub fn render_address(&self, scope: &dyn Scope, model: &Model) -> String {
        self.filled(scope, model, &BTreeSet::new(), escaped)
    }

    /// The same, with some of [`Self::gaps`] left empty, by their places in that list: what a reader may not see.
    pub fn render_without(&self, scope: &dyn Scope, model: &Model, hidden: &BTreeSet<usize>) -> String {
        self.filled(scope, model, hidden, |text| text)
    }

    fn filled(
        &self,
        scope: &dyn Scope,
        model: &Model,
        hidden: &BTreeSet<usize>,
        form: fn(String) -> String,
    ) -> String {
        let mut text = String::new();
        let mut gap = 0;
        for piece in &self.pieces {
            if !matches!(piece, Piece::Text(_) | Piece::Now) {
                gap += 1;
                if hidden.contains(&(gap - 1)) {
                    continue;
                }
            }
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Record(path) => {
                    text.push_str(&form(said(path, &scope.record().value(path), scope, model)));
                }
                Piece::Old(path) => {
                    let value = scope.record().old(path).unwrap_or_default();
                    text.push_str(&form(said(path, &value, scope, model)));
                }
                Piece::Named(name, path) => {
                    let value = scope.named(name).map_or(Value::Empty, |record| record.value(path));
                    text.push_str(&form(said(path, &value, scope, model)));
                }
                Piece::User(name, path) => {
                    text.push_str(&form(said(path, &scope.context().attribute(name), scope, model)));
                }
                Piece::Now => {
                    let context = scope.context();
                    let now = context.now.with_timezone(&context.zone);
                    text.push_str(&form(said_moment(now)));
                }
            }
        }
        text
    }
}

fn piece(inside: &str, names: &Names<'_>) -> Result<Piece, Problem> {
    let (root, path) = inside.split_once('.').unwrap_or((inside, ""));
    let is_path = |text: &str| {
        text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.')
    };
    if !is_path(inside) || inside.is_empty() {
        return Err(Problem::new("not_a_placeholder", "").with("value", inside));
    }
    let unknown = || {
        let known = ["record", "old", "user", "now"].into_iter();
        let known = known.chain(names.known.keys().chain(&names.hanging).map(String::as_str));
        Problem::new("unknown_name", "")
            .with("name", root)
            .with("options", kontor_model::likeness::listed(known))
    };
    match root {
        "now" if path.is_empty() => Ok(Piece::Now),
        "record" | "old" => {
            let entity = names.record().ok_or_else(unknown)?;
            let path = display_path(path, entity, names.model)?;
            Ok(if root == "record" { Piece::Record(path) } else { Piece::Old(path) })
        }
        // What was typed, sent or answered hangs on the record.
        root if names.hanging.contains(root) => {
            let entity = names.entity().ok_or_else(unknown)?;
            Ok(Piece::Record(display_path(inside, entity, names.model)?))
        }
        "user" => {
            let entity = names.model.entity("user").ok_or_else(unknown)?;
            let path = display_path(path, entity, names.model)?;
            Ok(Piece::User(path.name(names.model), path))
        }
        _ => {
            let entity =
                names.known.get(root).and_then(|entity| names.plain.entity(entity)).ok_or_else(unknown)?;
            Ok(Piece::Named(root.to_owned(), display_path(path, entity, names.plain)?))
        }
    }
}

/// A path to something that can be read: the record's title when it names none, the title of what a link points at.
fn display_path(path: &str, entity: &EntityModel, model: &Model) -> Result<FieldPath, Problem> {
    let mut name = if path.is_empty() { entity.display_field().name.clone() } else { path.to_owned() };
    // A title may itself be a link; more than two in a row is not worth following.
    for _ in 0..2 {
        let found = FieldPath::parse(&name, entity, model)?;
        let Some(field) = found.resolve(model) else { return Ok(found) };
        let [target] = field.targets.as_slice() else { return Ok(found) };
        let Some(target) = model.entity(target) else { return Ok(found) };
        name = format!("{name}.{}", target.display_field().name);
    }
    FieldPath::parse(&name, entity, model)
}

/// A text as a word of an address: everything but letters, digits and `-._~` as its bytes (RFC 3986).
fn escaped(text: String) -> String {
    use std::fmt::Write as _;
    let mut address = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing into a text does not fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

/// A moment as people read it, in their zone.
fn said_moment(moment: chrono::DateTime<chrono_tz::Tz>) -> String {
    moment.format("%Y-%m-%d %H:%M").to_string()
}

/// A value as people read it.
fn said(path: &FieldPath, value: &Value, scope: &dyn Scope, model: &Model) -> String {
    let Some(field) = path.resolve(model) else { return String::new() };
    let label = |value: &str| {
        let option = field.definition.one_of.iter().find(|option| option.value == value);
        option.map_or_else(|| value.to_owned(), |option| option.title.clone())
    };
    match value {
        Value::Empty => String::new(),
        Value::Text(text) if field.kind.is_choice() => label(text),
        Value::List(list) => list.iter().map(|one| label(one)).collect::<Vec<_>>().join(", "),
        Value::Decimal(decimal) => decimal.normalized().to_string(),
        Value::AnyLink(any) => scope.title_of(&any.entity, any.id).unwrap_or_default(),
        Value::DateTime(moment) => said_moment(moment.with_timezone(&scope.context().zone)),
        value => field.kind.title(field, value, scope.context().zone),
    }
}
