//! Settings: parameters of packs. The definition says kind and default; the value is data of the workspace.

use std::collections::{BTreeMap, HashMap};

use crate::Json;
use crate::compile::field_alone;
use crate::definition::entity::FieldDefinition;
use crate::definition::table::SettingDefinition;
use crate::entity::FieldModel;
use crate::kind::{self, FieldKind, ParseContext};
use crate::locale::Catalogue;
use crate::model::Model;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// A setting, compiled.
#[derive(Debug)]
pub struct Setting {
    /// As a field: it reads, checks and writes the value.
    pub field: FieldModel,
    /// The value until somebody chooses another; empty when there is none.
    pub default: Value,
    /// What a layer says with `value` for its installation.
    pub said: Option<Value>,
}

/// The values of settings by name.
pub type SettingValues = HashMap<String, Value>;

impl Setting {
    /// Compiles a definition whose shape was checked.
    ///
    /// # Errors
    /// A kind that there is not, a default that does not fit, with pointers into the definition.
    pub fn compile(name: &str, json: &Json) -> Result<Self, Problems> {
        let definition: SettingDefinition = crate::definition::read(json)?;
        let mut problems = Problems::new();
        if kind::find(&definition.kind).is_some_and(FieldKind::is_choice) && definition.one_of.is_empty() {
            problems.push(Problem::new("required", "/oneOf"));
        }
        let field = FieldDefinition {
            kind: definition.kind.clone(),
            title: definition.title.clone(),
            help: definition.help.or(definition.description),
            one_of: definition.one_of,
            minimum: definition.minimum,
            maximum: definition.maximum,
            ..FieldDefinition::default()
        };
        let Some(field) = field_alone(name, field) else {
            problems.push(Problem::new("unknown_kind", "/kind").with("value", &definition.kind));
            return Err(problems);
        };
        field.kind.check_definition(&field.definition, &mut problems);
        let (mut default, mut said) = (Value::Empty, None);
        // What a layer says for its installation stands above the pack's default.
        for (pointer, written) in [("/default", definition.default), ("/value", definition.value)] {
            let Some(written) = written.filter(|written| !written.is_null()) else { continue };
            match read(&field, &written) {
                Ok(value) => {
                    said = (pointer == "/value").then(|| value.clone());
                    default = value;
                }
                Err(found) => {
                    problems.0.extend(found.0.into_iter().map(|one| Problem { path: pointer.into(), ..one }));
                }
            }
        }
        problems.into_result(Self { field, default, said })
    }

    /// A stored value; one that fits no longer is as good as none.
    pub fn value(&self, stored: Option<&Json>) -> Value {
        stored.and_then(|json| read(&self.field, json).ok()).unwrap_or_else(|| self.default.clone())
    }
}

/// The values that hold in a workspace: what is stored, else the defaults.
pub fn values(model: &Model, stored: &BTreeMap<String, Json>) -> SettingValues {
    model.settings.iter().map(|(name, setting)| (name.clone(), setting.value(stored.get(name)))).collect()
}

fn read(field: &FieldModel, json: &Json) -> Result<Value, Problems> {
    let catalogue = Catalogue::default();
    let mut value = field.kind.parse_json(field, json, &ParseContext::neutral(&catalogue))?;
    let mut problems = Problems::new();
    if !value.is_empty() {
        field.kind.check(field, &mut value, &mut problems);
    }
    problems.into_result(value)
}
