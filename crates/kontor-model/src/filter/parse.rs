//! Reads a filter's JSON form against the model and finds all that is wrong with it.

use serde_json::Map;

use super::lists;
use super::operand::{self, OperandReader, Spread};
use super::{FieldPath, Filter, Has, Leaf, MAX_DEPTH, MAX_LEAVES, Operand, Operator};
use crate::Json;
use crate::entity::EntityModel;
use crate::kind::ParseContext;
use crate::locale::Catalogue;
use crate::model::Model;
use crate::problem::{Problem, Problems};

impl Filter {
    /// Reads the JSON form of a filter over the records of an entity. `null` and `{}` are [`Filter::True`]; days
    /// without a time count as UTC where a moment is compared.
    ///
    /// # Errors
    /// All problems, with pointers into the filter.
    pub fn parse(json: &Json, entity: &EntityModel, model: &Model) -> Result<Self, Problems> {
        Self::parse_in(json, entity, model, &ParseContext::neutral(&Catalogue::default()))
    }

    /// Reads a filter whose days are those of a reader's zone.
    ///
    /// # Errors
    /// All problems, with pointers into the filter.
    pub fn parse_in(
        json: &Json,
        entity: &EntityModel,
        model: &Model,
        context: &ParseContext<'_>,
    ) -> Result<Self, Problems> {
        Reader { model, context, about_changes: false, leaves: 0, problems: Problems::new() }
            .read(json, entity)
    }

    /// Reads a filter that may also ask what a save changed: of a trigger or a process.
    ///
    /// # Errors
    /// All problems, with pointers into the filter.
    pub fn parse_trigger(json: &Json, entity: &EntityModel, model: &Model) -> Result<Self, Problems> {
        let catalogue = Catalogue::default();
        let context = ParseContext::neutral(&catalogue);
        Reader { model, context: &context, about_changes: true, leaves: 0, problems: Problems::new() }
            .read(json, entity)
    }
}

struct Reader<'a> {
    model: &'a Model,
    context: &'a ParseContext<'a>,
    about_changes: bool,
    leaves: usize,
    problems: Problems,
}

impl Reader<'_> {
    fn read(mut self, json: &Json, entity: &EntityModel) -> Result<Filter, Problems> {
        let filter = self.filter(json, entity, "", 1);
        if self.leaves > MAX_LEAVES {
            self.problems.push(Problem::new("too_many_conditions", "").with("limit", MAX_LEAVES));
        }
        if self.problems.is_empty() { Ok(filter) } else { Err(self.problems) }
    }

    fn filter(&mut self, json: &Json, entity: &EntityModel, at: &str, depth: usize) -> Filter {
        if depth > MAX_DEPTH {
            // One problem is enough: what lies deeper is not looked at.
            self.problems.push(Problem::new("too_deep", at).with("limit", MAX_DEPTH));
            return Filter::True;
        }
        let object = match json {
            Json::Null => return Filter::True,
            Json::Object(object) if object.is_empty() => return Filter::True,
            Json::Object(object) => object,
            _ => {
                self.problems.push(Problem::new("not_a_filter", at));
                return Filter::True;
            }
        };
        if object.contains_key("field") {
            return self.leaf(object, entity, at);
        }
        if object.contains_key("has") || object.contains_key("has_no") {
            return self.has(object, entity, at, depth);
        }
        self.refuse_other_keys(object, at, &["all", "any", "not"], true);
        let mut parts = Vec::new();
        for (key, value) in object {
            let at = format!("{at}/{key}");
            match key.as_str() {
                "all" => parts.push(Filter::All(self.list(value, entity, &at, depth))),
                "any" => parts.push(Filter::Any(self.list(value, entity, &at, depth))),
                "not" => parts.push(Filter::Not(Box::new(self.filter(value, entity, &at, depth + 1)))),
                _ => {}
            }
        }
        if parts.len() > 1 { Filter::All(parts) } else { parts.pop().unwrap_or_default() }
    }

    fn list(&mut self, json: &Json, entity: &EntityModel, at: &str, depth: usize) -> Vec<Filter> {
        let Some(array) = json.as_array() else {
            self.problems.push(Problem::new("wrong_type", at).with("expected", "list"));
            return Vec::new();
        };
        let mut filters = Vec::with_capacity(array.len());
        for (index, item) in array.iter().enumerate() {
            filters.push(self.filter(item, entity, &format!("{at}/{index}"), depth + 1));
        }
        filters
    }

    /// Keys that are not known here. Who writes `{ "stage": "won" }` is told how a condition on a field is written; whether
    /// there is such a field is not said.
    fn refuse_other_keys(&mut self, object: &Map<String, Json>, at: &str, allowed: &[&str], teaches: bool) {
        let is_value = |value: &Json| match value {
            Json::Object(_) => false,
            Json::Array(list) => !list.iter().all(Json::is_object),
            _ => true,
        };
        for (key, value) in object.iter().filter(|(key, _)| !allowed.contains(&key.as_str())) {
            let code = if teaches && is_value(value) && Operator::parse(key).is_none() {
                "condition_form"
            } else {
                "unknown_key"
            };
            let problem = Problem::new(code, format!("{at}/{}", escape(key)));
            self.problems.push(problem.with("key", key).with("options", allowed.join(", ")));
        }
    }

    fn leaf(&mut self, object: &Map<String, Json>, entity: &EntityModel, at: &str) -> Filter {
        self.leaves += 1;
        let path = match object.get("field").and_then(Json::as_str) {
            Some(text) => FieldPath::parse(text, entity, self.model)
                .map_err(|problem| problem.under(&format!("{at}/field"))),
            None => Err(Problem::new("wrong_type", format!("{at}/field")).with("expected", "text")),
        };
        let path = match path {
            Ok(path) => path,
            Err(problem) => {
                self.problems.push(problem);
                return Filter::True;
            }
        };
        let mut conditions = object.iter().filter(|(key, _)| key.as_str() != "field");
        let (Some((key, value)), None) = (conditions.next(), conditions.next()) else {
            self.problems.push(Problem::new("one_operator", at));
            return Filter::True;
        };
        let place = format!("{at}/{}", escape(key));
        let Some(field) = path.resolve(self.model) else { return Filter::True };
        let fitting = operand::fitting(field, self.model, self.about_changes);
        let operator = match Operator::parse(key) {
            Some(operator) if fitting.contains(&operator) => operator,
            Some(operator) if operator.is_about_changes() && !self.about_changes => {
                self.problems.push(Problem::new("only_in_triggers", place).with("operator", key));
                return Filter::True;
            }
            known => {
                let code = match known {
                    Some(_) if field.is_sealed() => "encrypted_operator",
                    Some(_) => "operator_does_not_fit",
                    None => "unknown_operator",
                };
                let options: Vec<&str> = fitting.iter().map(|operator| operator.as_str()).collect();
                let problem = Problem::new(code, place).with("operator", key).with("field", &field.name);
                self.problems
                    .push(problem.with("kind", field.kind.name()).with("options", options.join(", ")));
                return Filter::True;
            }
        };
        if operator.is_about_changes() && !path.is_own() {
            self.problems.push(Problem::new("only_own_fields", format!("{at}/field")).with("operator", key));
        }
        let reader = OperandReader { entity, field, model: self.model, context: self.context };
        if let Some(spread) = reader.spread(operator, value) {
            return match spread {
                Ok(parts) => self.spread(&path, operator, parts, at),
                Err(problems) => {
                    self.problems.extend_under(&place, problems);
                    Filter::True
                }
            };
        }
        match reader.read(operator, value) {
            Ok(found) => {
                let leaf = Leaf { path, operator, operand: found };
                lists::as_filter(leaf, self.model).unwrap_or_else(|problem| {
                    self.problems.push(problem.under(&format!("{at}/field")));
                    Filter::True
                })
            }
            Err(problems) => {
                self.problems.extend_under(&place, problems);
                Filter::True
            }
        }
    }

    /// The comparisons that a list of values stands for, joined as its operator means.
    fn spread(&mut self, path: &FieldPath, operator: Operator, parts: Spread, at: &str) -> Filter {
        self.leaves += parts.len();
        let mut leaf = |operator, operand| {
            let leaf = Leaf { path: path.clone(), operator, operand };
            lists::as_filter(leaf, self.model).unwrap_or_else(|problem| {
                self.problems.push(problem.under(&format!("{at}/field")));
                Filter::True
            })
        };
        // What is empty is in no list, and outside of none.
        let filled = leaf(Operator::Empty, Operand::Flag(false));
        let parts: Vec<Filter> =
            parts.into_iter().map(|(operator, operand)| leaf(operator, operand)).collect();
        match operator {
            Operator::Between => Filter::All(parts),
            Operator::NotIn => {
                let none = parts.into_iter().map(|part| Filter::Not(Box::new(part)));
                Filter::All(std::iter::once(filled).chain(none).collect())
            }
            _ => Filter::Any(parts),
        }
    }

    fn has(&mut self, object: &Map<String, Json>, entity: &EntityModel, at: &str, depth: usize) -> Filter {
        self.leaves += 1;
        let none = object.contains_key("has_no");
        let key = if none { "has_no" } else { "has" };
        self.refuse_other_keys(
            object,
            at,
            if none { &["has_no", "where"] } else { &["has", "where", "count"] },
            false,
        );
        let name = object.get(key).and_then(Json::as_str).unwrap_or_default();
        let by_list = || entity.back_links.iter().find(|back| back.list.as_deref() == Some(name));
        let Some(back) = entity.back_links.iter().find(|back| back.name == name).or_else(by_list) else {
            let options: Vec<&str> =
                entity.back_links.iter().map(|back| back.list.as_deref().unwrap_or(&back.name)).collect();
            let problem = Problem::new("unknown_related", format!("{at}/{key}")).with("name", name);
            self.problems.push(problem.with("entity", &entity.name).with("options", options.join(", ")));
            return Filter::True;
        };
        let Some((related, field)) = self
            .model
            .entity(&back.entity)
            .and_then(|related| Some((related, related.field_index(&back.field)?)))
        else {
            return Filter::True;
        };
        let filter = match object.get("where") {
            Some(condition) => {
                self.related(condition, related, back.through.as_deref(), &format!("{at}/where"), depth + 1)
            }
            None => Filter::True,
        };
        let has = |at_least, at_most| {
            Filter::Has(Has {
                entity: related.name.clone(),
                field,
                filter: Box::new(filter.clone()),
                at_least,
                at_most,
            })
        };
        if none {
            return has(None, Some(0));
        }
        let Some(count) = object.get("count") else { return has(Some(1), None) };
        self.count(count, &format!("{at}/count"), &has)
    }

    /// The condition on related records. What pairs have no column for is asked of the record at their other end.
    fn related(
        &mut self,
        json: &Json,
        related: &EntityModel,
        through: Option<&str>,
        at: &str,
        depth: usize,
    ) -> Filter {
        let link = through.and_then(|name| related.field(name));
        let Some(link) = link else { return self.filter(json, related, at, depth) };
        let Some(target) = link.targets.first().and_then(|name| self.model.entity(name)) else {
            return self.filter(json, related, at, depth);
        };
        let json = lists::behind(json, related, target, &link.name);
        self.filter(&json, related, at, depth)
    }

    fn count(&mut self, json: &Json, at: &str, has: &dyn Fn(Option<u64>, Option<u64>) -> Filter) -> Filter {
        let empty = Map::new();
        let object = json.as_object().unwrap_or(&empty);
        if object.is_empty() {
            self.problems.push(Problem::new("one_operator", at));
        }
        let (mut at_least, mut at_most, mut except) = (None, None, None);
        for (key, value) in object {
            let place = format!("{at}/{}", escape(key));
            let Some(number) = value.as_u64() else {
                self.problems.push(Problem::new("wrong_type", place).with("expected", "integer"));
                continue;
            };
            match key.as_str() {
                "eq" => (at_least, at_most) = (Some(number), Some(number)),
                "gte" => at_least = Some(number),
                "gt" => at_least = number.checked_add(1),
                "lte" => at_most = Some(number),
                "lt" if number > 0 => at_most = Some(number - 1),
                "ne" => except = Some(number),
                _ => {
                    let options = "eq, ne, lt, lte, gt, gte";
                    self.problems.push(
                        Problem::new("unknown_operator", place)
                            .with("operator", key)
                            .with("options", options),
                    );
                }
            }
        }
        match except {
            Some(number) => {
                let not = Filter::Not(Box::new(has(Some(number), Some(number))));
                if at_least.is_none() && at_most.is_none() { not } else { has(at_least, at_most).and(not) }
            }
            None => has(at_least, at_most),
        }
    }
}

/// A key inside a JSON pointer (RFC 6901).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
