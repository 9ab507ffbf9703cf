//! Writes a filter in its JSON form.

use serde_json::{Map, json};

use super::{Filter, Has, Leaf, Operand};
use crate::Json;
use crate::entity::{EntityModel, FieldModel};
use crate::model::Model;
use crate::value::Value;

impl Filter {
    /// The JSON form that [`Filter::parse`] reads back to the same filter.
    pub fn to_json(&self, entity: &EntityModel, model: &Model) -> Json {
        match self {
            // Scopes are told in other words: nobody reads these back.
            Self::True | Self::Shared(_) | Self::Linked(_) => json!({}),
            Self::All(list) => json!({ "all": to_list(list, entity, model) }),
            Self::Any(list) => json!({ "any": to_list(list, entity, model) }),
            Self::Not(filter) => json!({ "not": filter.to_json(entity, model) }),
            Self::Leaf(leaf) => leaf_to_json(leaf, model),
            Self::Has(has) => has_to_json(has, entity, model),
        }
    }
}

fn to_list(list: &[Filter], entity: &EntityModel, model: &Model) -> Vec<Json> {
    list.iter().map(|filter| filter.to_json(entity, model)).collect()
}

fn leaf_to_json(leaf: &Leaf, model: &Model) -> Json {
    let Some(field) = leaf.path.resolve(model) else { return json!({}) };
    let value = |value: &Value| value_to_json(field, value);
    let operand = match &leaf.operand {
        Operand::One(one) => value(one),
        Operand::Many(many) => Json::Array(many.iter().map(value).collect()),
        Operand::Range(from, to) => Json::Array(vec![value(from), value(to)]),
        Operand::Field(path) => json!({ "field": path.name(model) }),
        Operand::Text(text) | Operand::Dialled(text) => text.as_str().into(),
        Operand::Flag(flag) => (*flag).into(),
        Operand::Period(period) => period.word().into(),
        Operand::Me => "me".into(),
        Operand::MyTeam => "my_team".into(),
        Operand::Now(offset) => json!({ "now": offset.to_string() }),
        Operand::MyTeams => "my_team_and_below".into(),
        Operand::MyTerritories => super::operand::MY_TERRITORIES.into(),
        Operand::User(path) => json!({ "user": path }),
        Operand::Setting(name) => json!({ "setting": name }),
    };
    let mut path = leaf.path.name(model);
    // Reading has put the team behind the person; see `Operand::MyTeam`.
    let behind_person = matches!(leaf.operand, Operand::MyTeam | Operand::MyTeams)
        && leaf.path.entity == "user"
        && !leaf.path.hops.is_empty();
    let person = path.strip_suffix(".team").map(str::len).filter(|_| behind_person);
    if let Some(length) = person {
        path.truncate(length);
    }
    let mut object = Map::new();
    object.insert("field".into(), path.into());
    object.insert(leaf.operator.as_str().into(), operand);
    Json::Object(object)
}

fn value_to_json(field: &FieldModel, value: &Value) -> Json {
    match value {
        Value::Empty => Json::Null,
        // One option of a list, as it stands among the options.
        Value::Text(text) if field.kind.formula_type() == crate::formula::Type::List => text.as_str().into(),
        value => field.kind.to_json(field, value),
    }
}

fn has_to_json(has: &Has, entity: &EntityModel, model: &Model) -> Json {
    let Some(related) = model.entity(&has.entity) else { return json!({}) };
    let field = related.fields.get(has.field).map_or("", |field| field.name.as_str());
    let back = entity.back_links.iter().find(|back| back.entity == has.entity && back.field == field);
    let name = back.map_or("", |back| back.name.as_str());
    let mut object = Map::new();
    let is_none = has.at_least.is_none() && has.at_most == Some(0);
    object.insert(if is_none { "has_no" } else { "has" }.into(), name.into());
    if *has.filter != Filter::True {
        object.insert("where".into(), has.filter.to_json(related, model));
    }
    if !is_none && (has.at_least, has.at_most) != (Some(1), None) {
        let mut count = Map::new();
        if let Some(least) = has.at_least {
            count.insert("gte".into(), least.into());
        }
        if let Some(most) = has.at_most {
            count.insert("lte".into(), most.into());
        }
        if count.is_empty() {
            count.insert("gte".into(), 0.into());
        }
        object.insert("count".into(), Json::Object(count));
    }
    Json::Object(object)
}
