//! Reads what a field is compared with.

use super::PERIODS;
use super::{FieldPath, Hop, Leaf, Offset, Operand, Operator, Period};
use crate::Json;
use crate::entity::{EntityModel, FieldModel};
use crate::formula::Type;
use crate::kind::{NumberStyle, ParseContext};
use crate::model::Model;
use crate::problem::{Problem, Problems};
use crate::value::{Value, dialled, fold};

/// What `is` may ask for; the first only of people.
pub(crate) const READERS: [&str; 4] = ["me", "my_team", "my_team_and_below", MY_TERRITORIES];
/// Of links to territories: one of those that the reader looks after, or one below it.
pub(crate) const MY_TERRITORIES: &str = "my_territories";
/// The keys of an object that says where a value comes from. Reports know `parameter` besides, which is replaced before.
pub(crate) const SOURCES: [&str; 4] = ["field", "now", "user", "setting"];

/// The operators that fit a field.
pub(super) fn fitting(field: &FieldModel, model: &Model, about_changes: bool) -> Vec<Operator> {
    let mut operators = field.operators().to_vec();
    if leads_into_tree(field, model) {
        operators.push(Operator::Under);
    }
    if crate::territory::leads_to_one(field) && !operators.contains(&Operator::Is) {
        operators.push(Operator::Is);
    }
    if field.tells_its_past() {
        operators.push(Operator::EverWas);
    }
    // What a list held before is in its records' own history.
    if about_changes && !field.kind.is_list() {
        operators.push(Operator::Changed);
        // A list has no equality.
        if operators.contains(&Operator::Eq) {
            operators.extend([Operator::ChangedTo, Operator::ChangedFrom, Operator::Was]);
        }
    }
    operators
}

impl FieldModel {
    /// Whether one may ask what the field ever was. The history of a record tells values as a whole, and those of encrypted
    /// fields are sealed there, so that the database finds nothing.
    pub fn tells_its_past(&self) -> bool {
        let is_told = !self.system || self.index == crate::entity::system::OWNER;
        let is_one = !self.kind.is_list() && !self.kind.names_entity() && self.part.is_none();
        is_told && is_one && !self.is_sealed() && self.operators().contains(&Operator::Eq)
    }
}

/// Whether the field points at records that form a tree.
pub(super) fn leads_into_tree(field: &FieldModel, model: &Model) -> bool {
    let [target] = field.targets.as_slice() else { return false };
    field.kind.is_link() && model.entity(target).is_some_and(|target| target.tree.is_some())
}

/// `is my_team` on a person means that person's team.
pub(super) fn settle(mut leaf: Leaf, model: &Model) -> Leaf {
    if !matches!(leaf.operand, Operand::MyTeam | Operand::MyTeams) {
        return leaf;
    }
    let Some(user) = model.entity("user") else { return leaf };
    let points_at_user = leaf.path.resolve(model).is_some_and(|field| field.targets == ["user"]);
    if let (true, Some(team)) = (points_at_user, user.field_index("team")) {
        let person = FieldPath { hops: leaf.path.hops, entity: user.name.clone(), field: team };
        let link = Hop { entity: leaf.path.entity, field: leaf.path.field, to: user.name.clone() };
        leaf.path = person;
        leaf.path.hops.push(link);
    }
    leaf
}

pub(super) struct OperandReader<'a> {
    pub entity: &'a EntityModel,
    pub field: &'a FieldModel,
    pub model: &'a Model,
    pub context: &'a ParseContext<'a>,
}

impl OperandReader<'_> {
    /// The operand; the problems' paths are relative to it.
    pub(super) fn read(&self, operator: Operator, json: &Json) -> Result<Operand, Problems> {
        match operator {
            Operator::In | Operator::NotIn | Operator::AnyOf | Operator::AllOf | Operator::NoneOf => {
                self.many(json)
            }
            Operator::Between => self.range(json),
            Operator::Contains | Operator::NotContains | Operator::StartsWith | Operator::EndsWith => {
                text(json).map(|text| self.part(text))
            }
            Operator::Empty | Operator::Changed => json
                .as_bool()
                .map(Operand::Flag)
                .ok_or_else(|| only(Problem::new("wrong_type", "").with("expected", "boolean"))),
            Operator::Within => within(json),
            Operator::Is => self.is(json),
            Operator::EverWas => self.past(json),
            _ => self.one(operator, json),
        }
    }

    /// What a list of values stands for when some of them are known only when the question is asked: the parts of
    /// `between`, or one comparison for each of them. `None` where all are written out.
    pub(super) fn spread(&self, operator: Operator, json: &Json) -> Option<Result<Spread, Problems>> {
        let is_list = matches!(operator, Operator::Between | Operator::In | Operator::NotIn);
        let list = json.as_array().filter(|list| is_list && list.iter().any(is_source))?;
        let mut problems = Problems::new();
        let mut parts = Vec::new();
        let mut add = |operator, index: usize, json: &Json| match self.one(operator, json) {
            Ok(operand) => parts.push((operator, operand)),
            Err(found) => problems.extend_under(&format!("/{index}"), found),
        };
        if operator == Operator::Between {
            let [from, to] = list.as_slice() else { return Some(Err(only(Problem::new("two_values", "")))) };
            add(Operator::Gte, 0, from);
            add(Operator::Lte, 1, to);
        } else {
            for (index, item) in list.iter().enumerate() {
                add(Operator::Eq, index, item);
            }
        }
        Some(problems.into_result(parts))
    }

    /// A part of a text, folded. Digits of a telephone number are found however the number is written.
    fn part(&self, text: String) -> Operand {
        let digits = dialled(&text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if self.field.kind.is_dialled() && is_number { Operand::Dialled(text) } else { Operand::Text(text) }
    }

    /// What a field was is compared with one value: another field says what is now.
    fn past(&self, json: &Json) -> Result<Operand, Problems> {
        let operand = self.one(Operator::EverWas, json)?;
        let is_one = match &operand {
            Operand::Field(_) => false,
            Operand::User(path) => !path.contains('.'),
            _ => true,
        };
        if is_one { Ok(operand) } else { Err(only(Problem::new("past_of_one_value", ""))) }
    }

    fn one(&self, operator: Operator, json: &Json) -> Result<Operand, Problems> {
        let computed =
            json.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
        match computed.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())) {
            Some(("field", path)) => self.other_field(path),
            Some(("now", offset)) => self.now(offset),
            Some(("user", path)) => self.reader(operator, path),
            Some(("setting", name)) => self.setting(name),
            // Only a report knows its parameters, and has put what they say in their places.
            Some(("parameter", _)) => Err(only(
                Problem::new("unknown_key", "/parameter")
                    .with("key", "parameter")
                    .with("options", SOURCES.join(", ")),
            )),
            _ => self.literal(json).map(Operand::One).map_err(only),
        }
    }

    /// A value as the kind reads it. Facets such as a smallest amount do not count here.
    pub(super) fn literal(&self, json: &Json) -> Result<Value, Problem> {
        if json.is_null() || json.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Err(Problem::new("compare_with_empty", ""));
        }
        let at_root = |problem: Problem| Problem { path: String::new(), ..problem };
        let value = self.field.kind.parse_json(self.field, json, self.context).or_else(|problem| match json
            .as_str()
        {
            // A day stands for its first moment.
            Some(text) if self.field.kind.formula_type() == Type::DateTime => {
                self.field.kind.parse_text(self.field, text, self.context)
            }
            // A length of time as people write it: `90m`.
            Some(text) if self.field.kind.style() == NumberStyle::Span => {
                self.field.kind.parse_text(self.field, text, self.context)
            }
            _ => Err(problem),
        });
        let value = self.as_stored(value.map_err(at_root)?);
        if value.is_empty() {
            return Err(Problem::new("compare_with_empty", ""));
        }
        self.at_scale(value)
    }

    /// A value of several parts as it is stored: countries as codes, degrees with as many digits as places have. What is
    /// wrong with it is no matter here: then it equals none.
    pub(super) fn as_stored(&self, mut value: Value) -> Value {
        if matches!(value, Value::Json(_)) {
            self.field.kind.check(self.field, &mut value, &mut Problems::new());
        }
        value
    }

    /// Both evaluators compare at the field's scale; a number with more digits equals none of its values.
    pub(super) fn at_scale(&self, value: Value) -> Result<Value, Problem> {
        let (Value::Decimal(number), Some(scale)) = (&value, self.field.kind.scale(self.field)) else {
            return Ok(value);
        };
        match number.rescale(scale) {
            Some(scaled) if scaled == *number => Ok(Value::Decimal(scaled)),
            Some(_) => Err(Problem::new("too_many_digits", "").with("scale", scale)),
            None => Err(Problem { path: String::new(), ..crate::kind::too_large(self.field) }),
        }
    }

    fn many(&self, json: &Json) -> Result<Operand, Problems> {
        let Some(array) = json.as_array() else {
            return Err(only(Problem::new("wrong_type", "").with("expected", "list")));
        };
        let is_list = self.field.kind.formula_type() == Type::List;
        let (mut values, mut problems) = (Vec::with_capacity(array.len()), Problems::new());
        for (index, item) in array.iter().enumerate() {
            let read =
                if is_list { self.literal(&Json::Array(vec![item.clone()])) } else { self.literal(item) };
            match read {
                Ok(Value::List(list)) => values.extend(list.into_iter().map(Value::Text)),
                Ok(value) => values.push(value),
                Err(problem) => problems.push(problem.under(&format!("/{index}"))),
            }
        }
        if problems.is_empty() { Ok(Operand::Many(values)) } else { Err(problems) }
    }

    fn range(&self, json: &Json) -> Result<Operand, Problems> {
        let Some([from, to]) = json.as_array().map(Vec::as_slice) else {
            return Err(only(Problem::new("two_values", "")));
        };
        match (self.literal(from), self.literal(to)) {
            (Ok(from), Ok(to)) => Ok(Operand::Range(from, to)),
            (from, to) => {
                let problems = [
                    from.err().map(|problem| problem.under("/0")),
                    to.err().map(|problem| problem.under("/1")),
                ];
                Err(Problems(problems.into_iter().flatten().collect()))
            }
        }
    }

    fn other_field(&self, path: &str) -> Result<Operand, Problems> {
        let other = FieldPath::parse(path, self.entity, self.model)
            .map_err(|problem| only(problem.under("/field")))?;
        let sealed = |field: &&FieldModel| field.is_sealed();
        if let Some(sealed) = other.resolve(self.model).filter(sealed).or(Some(self.field).filter(sealed)) {
            return Err(only(Problem::new("encrypted_uses", "/field").with("field", &sealed.title)));
        }
        let kind = other.resolve(self.model).map(|field| field.kind);
        let fits = kind.is_some_and(|kind| kind.formula_type() == self.field.kind.formula_type());
        if fits {
            return Ok(Operand::Field(other));
        }
        let problem = Problem::new("kinds_differ", "/field").with("field", path);
        Err(only(
            problem
                .with("kind", kind.map_or("", |kind| kind.name()))
                .with("expected", self.field.kind.name()),
        ))
    }

    fn now(&self, offset: &str) -> Result<Operand, Problems> {
        if !matches!(self.field.kind.formula_type(), Type::Date | Type::DateTime) {
            return Err(only(Problem::new("only_for_dates", "/now").with("kind", self.field.kind.name())));
        }
        Offset::parse(offset)
            .map(Operand::Now)
            .ok_or_else(|| only(Problem::new("not_a_span", "/now").with("value", offset)))
    }

    fn setting(&self, name: &str) -> Result<Operand, Problems> {
        let Some(setting) = self.model.settings.get(name) else {
            let known: Vec<&str> = self.model.settings.keys().map(String::as_str).collect();
            let problem = Problem::new("unknown_setting", "/setting").with("name", name);
            return Err(only(problem.with("options", known.join(", "))));
        };
        let kind = setting.field.kind;
        if kind.formula_type() == self.field.kind.formula_type() {
            return Ok(Operand::Setting(name.to_owned()));
        }
        let problem = Problem::new("kinds_differ", "/setting").with("field", name);
        Err(only(problem.with("kind", kind.name()).with("expected", self.field.kind.name())))
    }

    fn reader(&self, operator: Operator, path: &str) -> Result<Operand, Problems> {
        let Some(user) = self.model.entity("user") else { return Ok(Operand::User(path.to_owned())) };
        // `id` is a field like any other, whose values are users.
        let other =
            FieldPath::parse(path, user, self.model).map_err(|problem| only(problem.under("/user")))?;
        let Some(field) = other.resolve(self.model) else { return Ok(Operand::User(path.to_owned())) };
        // What the links lead to is compared by the database, which does not see what is sealed.
        let sealed = [self.field, field].into_iter().find(|field| field.is_sealed());
        if let Some(sealed) = sealed.filter(|_| !other.is_own()) {
            return Err(only(Problem::new("encrypted_uses", "/user").with("field", &sealed.title)));
        }
        // What stands above a branch is one record, which is known before the question is asked.
        let is_far = !other.is_own() && operator == Operator::Under;
        if is_far || !self.may_equal(field) {
            let problem = Problem::new("kinds_differ", "/user").with("field", path);
            let problem = problem.with("kind", field.kind.name());
            return Err(only(problem.with("expected", self.field.kind.name())));
        }
        Ok(Operand::User(path.to_owned()))
    }

    /// Whether a value of another field can be one of this field: of the same type and, where that points at records, at
    /// the same ones.
    fn may_equal(&self, other: &FieldModel) -> bool {
        if other.kind.formula_type() != self.field.kind.formula_type() {
            return false;
        }
        let (own, others) = (points_at(self.field), points_at(other));
        own.is_empty() || others.is_empty() || own.iter().any(|target| others.contains(target))
    }

    fn is(&self, json: &Json) -> Result<Operand, Problems> {
        let word = json.as_str().unwrap_or_default();
        let is_user = self.field.targets == ["user"];
        let is_territory = points_at(self.field) == [crate::territory::TERRITORIES];
        match word {
            "me" if is_user => Ok(Operand::Me),
            "my_team" if !is_territory => Ok(Operand::MyTeam),
            "my_team_and_below" if !is_territory => Ok(Operand::MyTeams),
            MY_TERRITORIES if is_territory => Ok(Operand::MyTerritories),
            _ => {
                let fits =
                    |one: &&&str| (is_user || **one != "me") && is_territory == (**one == MY_TERRITORIES);
                let options = READERS.iter().filter(fits).copied().collect::<Vec<_>>().join(", ");
                Err(only(Problem::new("not_an_option", "").with("value", word).with("options", options)))
            }
        }
    }
}

/// The entities whose records a field names: of an id its own.
pub(crate) fn points_at(field: &FieldModel) -> Vec<&str> {
    if field.system && field.index == crate::entity::system::ID {
        return vec![&field.entity];
    }
    field.targets.iter().map(String::as_str).collect()
}

/// The comparisons that a list of values stands for.
pub(super) type Spread = Vec<(Operator, Operand)>;

/// Whether a value says where it comes from.
fn is_source(json: &Json) -> bool {
    let key = json.as_object().filter(|object| object.len() == 1).and_then(|object| object.keys().next());
    key.is_some_and(|key| SOURCES.contains(&key.as_str()) || key == "parameter")
}

fn text(json: &Json) -> Result<String, Problems> {
    match json.as_str() {
        Some(text) if !text.is_empty() => Ok(fold(text).into_owned()),
        Some(_) => Err(only(Problem::new("compare_with_empty", ""))),
        None => Err(only(Problem::new("wrong_type", "").with("expected", "text"))),
    }
}

fn within(json: &Json) -> Result<Operand, Problems> {
    let word = json.as_str().unwrap_or_default();
    if let Some(period) = Period::parse(word) {
        return Ok(Operand::Period(period));
    }
    Err(only(Problem::new("not_a_period", "").with("value", word).with("options", PERIODS)))
}

fn only(problem: Problem) -> Problems {
    Problems(vec![problem])
}
