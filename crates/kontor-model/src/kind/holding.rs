//! What the kinds whose values are files have in common: reading ids, and checking what a file is once that is known.

use serde_json::{Map, json};

use super::{Column, ColumnType, ParseContext, Shown};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::held_file::{accepts, bytes_of, is_picture, size_text};
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::{HeldFile, Value};

/// The methods of [`super::FieldKind`] that all kinds answer alike whose values are files.
macro_rules! methods {
    () => {
        fn columns(&self, _field: &$crate::FieldModel) -> Vec<$crate::kind::Column> {
            $crate::kind::holding::columns()
        }

        fn parse_text(
            &self,
            field: &$crate::FieldModel,
            text: &str,
            _context: &$crate::kind::ParseContext<'_>,
        ) -> Result<$crate::Value, $crate::Problem> {
            $crate::kind::holding::read_text(field, text)
        }

        fn to_text(&self, field: &$crate::FieldModel, value: &$crate::Value, _zone: chrono_tz::Tz) -> String {
            $crate::kind::holding::to_text(field, value)
        }

        fn operators(&self) -> &'static [$crate::filter::Operator] {
            $crate::kind::holding::OPERATORS
        }

        fn compare(
            &self,
            _field: &$crate::FieldModel,
            _left: &$crate::Value,
            _right: &$crate::Value,
        ) -> Option<std::cmp::Ordering> {
            None
        }

        fn formula_type(&self) -> $crate::formula::Type {
            $crate::formula::Type::Object
        }

        fn check_definition(
            &self,
            definition: &$crate::definition::entity::FieldDefinition,
            problems: &mut $crate::Problems,
        ) {
            $crate::kind::holding::check_definition(definition, problems);
        }

        fn shown(
            &self,
            _field: &$crate::FieldModel,
            value: &$crate::Value,
            _catalogue: &$crate::locale::Catalogue,
        ) -> Option<$crate::kind::Shown> {
            Some($crate::kind::holding::shown(value))
        }

        fn title(&self, _field: &$crate::FieldModel, value: &$crate::Value, _zone: chrono_tz::Tz) -> String {
            $crate::kind::holding::names(value)
        }

        fn is_sortable(&self) -> bool {
            false
        }

        fn is_folded(&self) -> bool {
            true
        }

        fn holds_files(&self) -> bool {
            true
        }
    };
}
pub(super) use methods;

/// What those of them answer alike that hold a single file.
macro_rules! methods_of_one {
    () => {
        fn parse_json(
            &self,
            field: &$crate::FieldModel,
            json: &$crate::Json,
            _context: &$crate::kind::ParseContext<'_>,
        ) -> Result<$crate::Value, $crate::Problem> {
            $crate::kind::holding::read_single(field, json)
        }

        fn to_json(&self, _field: &$crate::FieldModel, value: &$crate::Value) -> $crate::Json {
            $crate::kind::holding::single_to_json(value)
        }

        fn json_schema(&self, _field: &$crate::FieldModel) -> $crate::Json {
            $crate::kind::holding::json_schema(self.is_signed())
        }

        fn input_schema(&self, _field: &$crate::FieldModel) -> $crate::Json {
            $crate::kind::holding::input_schema(self.is_signed())
        }
    };
}
pub(super) use methods_of_one;

/// A file has a name to look for, or there is none.
pub(super) const OPERATORS: &[Operator] = &[Operator::Contains, Operator::NotContains, Operator::Empty];
/// The pictures that are taken, as the attribute of HTML says it.
pub(super) const PICTURES: &str = "image/png,image/jpeg,image/gif,image/webp";
/// Most files of one field, whatever its definition says.
pub(super) const MOST: usize = 100;
/// Longest typed signature, in characters.
const LONGEST_TYPED: usize = 120;
/// Longest side of a picture, in dots.
const LONGEST_SIDE: u32 = 16_384;
/// Most dots of a picture: what a browser of a small machine still draws.
const MOST_DOTS: u64 = 64_000_000;
/// The keys that somebody may send back with a file; all but the id are passed over.
const KEYS: [&str; 10] =
    ["id", "name", "size", "type", "width", "height", "signed_by", "signed_at", "refused", "limit"];

/// What the files are, as JSON, and their folded names.
pub(super) fn columns() -> Vec<Column> {
    vec![
        Column { suffix: "", column_type: ColumnType::Json },
        Column { suffix: "__fold", column_type: ColumnType::Text },
    ]
}

/// Reads one file: its id, an object with it, or what the form says of one that it could not take.
pub(super) fn read_one(field: &FieldModel, json: &Json) -> Result<HeldFile, Problem> {
    let wrong = || Problem::at_field("not_a_file", &field.name);
    if let Some(object) = json.as_object() {
        if let Some(code) = object.get("refused").and_then(Json::as_str) {
            let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let code = refusal(code);
            let problem = Problem::at_field(code, &field.name);
            return Err(problem.with("name", text("name")).with("limit", text("limit")));
        }
        let is_known = |key: &String| {
            KEYS.contains(&key.as_str()) || (field.kind.is_signed() && key == "typed" && object.len() == 1)
        };
        if !object.keys().all(is_known) {
            return Err(wrong());
        }
    }
    HeldFile::from_json(json).ok_or_else(wrong)
}

/// The problem that a form's word for a file that it could not take stands for.
pub fn refusal(word: &str) -> &'static str {
    match word {
        "too_large" => "file_over_limit",
        "waiting" => "files_waiting",
        _ => "file_mismatch",
    }
}

/// Reads a single file.
pub(super) fn read_single(field: &FieldModel, json: &Json) -> Result<Value, Problem> {
    let file = read_one(field, json)?;
    Ok(if file.is_typed() && file.name.is_empty() { Value::Empty } else { Value::Files(vec![file]) })
}

/// Reads the text of a form or of a spreadsheet: the JSON form, or an id.
pub(super) fn read_text(field: &FieldModel, text: &str) -> Result<Value, Problem> {
    let json = serde_json::from_str(text).ok().filter(|json: &Json| json.is_object() || json.is_array());
    let catalogue = Catalogue::default();
    field.kind.parse_json(field, &json.unwrap_or_else(|| text.into()), &ParseContext::neutral(&catalogue))
}

/// The single file as JSON.
pub(super) fn single_to_json(value: &Value) -> Json {
    value.files().first().map_or(Json::Null, HeldFile::to_json)
}

/// What `read_text` reads back.
pub(super) fn to_text(field: &FieldModel, value: &Value) -> String {
    if value.files().is_empty() { String::new() } else { field.kind.to_json(field, value).to_string() }
}

/// The names, for lists, titles and the search.
pub(super) fn names(value: &Value) -> String {
    value.files().iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The names and the sizes.
pub(super) fn shown(value: &Value) -> Shown {
    let sized = |file: &HeldFile| format!("{} ({})", file.name, size_text(file.size));
    let exact = value.files().iter().map(sized).collect::<Vec<_>>().join("\n");
    Shown { text: names(value), exact, href: String::new() }
}

/// Whether files are what the definition lets in. What is not known yet is looked at later, by the core.
pub(super) fn check(field: &FieldModel, value: &Value, most: usize, pictures: bool, problems: &mut Problems) {
    let Value::Files(files) = value else {
        problems.push(Problem::at_field("not_a_file", &field.name));
        return;
    };
    if files.len() > most {
        problems.push(Problem::at_field("too_many", &field.name).with("limit", most));
    }
    for file in files {
        check_one(field, file, pictures, problems);
    }
}

fn check_one(field: &FieldModel, file: &HeldFile, pictures: bool, problems: &mut Problems) {
    let length = file.name.chars().count();
    if file.is_typed() && length > LONGEST_TYPED {
        let problem = Problem::at_field("too_long", &field.name);
        problems.push(problem.with("limit", LONGEST_TYPED).with("length", length));
    }
    if !file.is_known() {
        return;
    }
    let refused = |code: &'static str| Problem::at_field(code, &field.name).with("name", &file.name);
    // A typed signature is text, and kept as such.
    let is_text = field.kind.is_signed() && file.media_type == "text/plain";
    if pictures && !is_picture(&file.media_type) && !is_text {
        problems.push(refused("file_no_picture").with("type", &file.media_type));
        return;
    }
    if let Some(accept) = field.definition.accept.as_deref().filter(|accept| !accept.trim().is_empty())
        && !accepts(accept, &file.media_type, &file.name)
        && !is_text
    {
        let problem = refused("file_not_accepted");
        problems.push(problem.with("type", &file.media_type).with("accept", accept));
    }
    if let Some(limit) = field.definition.max_size.as_deref().and_then(bytes_of)
        && file.size > limit
    {
        problems.push(refused("file_over_limit").with("limit", size_text(limit)));
    }
    if pictures && let Some((width, height)) = file.pixels {
        let is_vast = u64::from(width) * u64::from(height) > MOST_DOTS;
        if is_vast || width.max(height) > LONGEST_SIDE {
            let problem = refused("picture_too_large");
            problems.push(problem.with("width", width).with("height", height).with("limit", LONGEST_SIDE));
        }
    }
}

/// Files come from people and programs, not from formulas; sizes and types must be readable.
pub(super) fn check_definition(definition: &FieldDefinition, problems: &mut Problems) {
    let unfit = [
        ("formula", definition.formula.is_some()),
        ("rollup", definition.rollup.is_some()),
        ("copy", definition.copy.is_some()),
        ("default", definition.default.is_some()),
        ("unique", definition.unique),
    ];
    for (key, _) in unfit.into_iter().filter(|(_, given)| *given) {
        let problem = Problem::new("key_does_not_fit", format!("/{key}")).with("key", key);
        problems.push(problem.with("fits", super::fitting(key)));
    }
    if let Some(size) = definition.max_size.as_deref().filter(|size| bytes_of(size).is_none()) {
        problems.push(Problem::new("not_a_size", "/maxSize").with("value", size));
    }
    if let Some(wrong) = definition.accept.as_deref().and_then(wrong_in) {
        problems.push(Problem::new("not_an_accept", "/accept").with("value", wrong));
    }
}

/// The first part of an `accept` that is neither a media type nor an ending.
fn wrong_in(accept: &str) -> Option<&str> {
    let is_word = |text: &str| {
        !text.is_empty()
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._+-".contains(letter))
    };
    accept.split(',').map(str::trim).find(|one| match (one.strip_prefix('.'), one.split_once('/')) {
        (Some(ending), _) => !is_word(ending),
        (None, Some((group, rest))) => !is_word(group) || !(rest == "*" || is_word(rest)),
        (None, None) => true,
    })
}

/// The schema of one file as it is answered.
pub(super) fn json_schema(is_signed: bool) -> Json {
    let mut properties = Map::new();
    properties.insert("id".into(), json!({ "type": "string", "format": "uuid" }));
    properties.insert("name".into(), json!({ "type": "string" }));
    properties.insert("size".into(), json!({ "type": "integer", "minimum": 0 }));
    properties.insert("type".into(), json!({ "type": "string" }));
    for side in ["width", "height"] {
        properties.insert(side.into(), json!({ "type": "integer", "minimum": 0 }));
    }
    if is_signed {
        let by = json!({ "id": { "type": ["string", "null"] }, "name": { "type": "string" } });
        properties.insert("signed_by".into(), json!({ "type": "object", "properties": by }));
        properties.insert("signed_at".into(), json!({ "type": "string", "format": "date-time" }));
    }
    json!({ "type": "object", "properties": properties, "required": ["id", "name", "size", "type"],
        "additionalProperties": false })
}

/// The schema of one file as it may be sent: the id that uploading it answered, alone or in an object.
pub(super) fn input_schema(is_signed: bool) -> Json {
    let mut object = json_schema(is_signed);
    if let Some(object) = object.as_object_mut() {
        object.insert("required".into(), json!(["id"]));
    }
    let mut forms = vec![json!({ "type": "string", "format": "uuid" }), object];
    if is_signed {
        let typed = json!({ "type": "string", "maxLength": LONGEST_TYPED });
        forms.push(json!({ "type": "object", "properties": { "typed": typed }, "required": ["typed"],
            "additionalProperties": false }));
    }
    json!({ "anyOf": forms })
}
