//! What one value becomes in a field of another kind. Pure: what has to be looked up was looked up before.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use kontor_model::amount::{self, Amount};
use kontor_model::formula::Type;
use kontor_model::kind::{NumberStyle, ParseContext};
use kontor_model::locale::Catalogue;
use kontor_model::value::{AnyLink, fold};
use kontor_model::{Decimal, FieldModel, Problems, Value};
use uuid::Uuid;

/// The records that links point at, by title and by id.
#[derive(Debug, Default)]
pub struct Titles {
    /// Folded titles and values of unique fields; `None` where several records have the same one.
    pub by_text: HashMap<String, Option<Uuid>>,
    /// The title of each record.
    pub by_id: HashMap<Uuid, String>,
}

/// Converts the values of one field.
#[derive(Debug)]
pub struct Converter {
    /// The field as it was.
    pub old: FieldModel,
    /// The field as it will be.
    pub new: FieldModel,
    /// Where days of moments are counted.
    pub zone: Tz,
    /// Now.
    pub now: DateTime<Utc>,
    /// The workspace's currency.
    pub currency: String,
    /// The packs' own language.
    pub catalogue: Arc<Catalogue>,
    /// When the earlier version ended to which the way leads back.
    pub back_to: Option<DateTime<Utc>>,
    /// What links point at, where links are concerned.
    pub titles: Titles,
}

impl Converter {
    /// What a record holds afterwards, given what it holds now, what was parked when the field had the new kind before
    /// (where anything was), and when the record was changed last; and whether a value was there that does not convert.
    ///
    /// On the way back to an earlier version, a record that nobody has changed since holds what was parked. Otherwise a
    /// parked value is taken back unless somebody has changed the value since: then the changed one counts.
    pub fn carry(&self, values: &[Value]) -> (Value, bool) {
        let Some((changed, values)) = values.split_last() else { return (Value::Empty, false) };
        let current = values.first().unwrap_or(&Value::Empty);
        if self.new.is_derived() {
            return (Value::Empty, !self.old.is_derived() && !current.is_empty());
        }
        if let Some(parked) = self.taken_back(changed, values) {
            return (parked.clone(), false);
        }
        if current.is_empty() {
            return (Value::Empty, false);
        }
        match self.convert(current, &self.old, &self.new) {
            Some(value) => (value, false),
            None => (Value::Empty, true),
        }
    }

    /// The parked value, where it is what the record holds afterwards.
    fn taken_back<'a>(&self, changed: &Value, values: &'a [Value]) -> Option<&'a Value> {
        let parked = values.get(1)?;
        let is_untouched = self.back_to.is_some_and(|end| changed.as_datetime().is_some_and(|at| at <= end));
        if is_untouched || self.old.is_derived() || self.old.beside_derived {
            return Some(parked);
        }
        let is_unchanged = || {
            let then = self.convert(parked, &self.new, &self.old).unwrap_or_default();
            values.first().is_some_and(|current| then == *current)
        };
        (!parked.is_empty() && is_unchanged()).then_some(parked)
    }

    /// The currency that a text names which becomes an amount; of a parked amount the one that was parked with it counts.
    pub fn named_currency(&self, values: &[Value]) -> Option<&'static str> {
        let (changed, values) = values.split_last()?;
        let current = values.first().filter(|current| !current.is_empty())?;
        let is_read = self.new.kind.style() == NumberStyle::Money && !self.old.kind.is_number();
        if !is_read || self.new.is_derived() || self.taken_back(changed, values).is_some() {
            return None;
        }
        self.amount(&self.text(current, &self.old), &self.new)?.currency
    }

    /// The currency of an amount that names none itself; `None` where it follows another record, and nothing that is
    /// written beside the amount can change it.
    pub fn own_currency<'a>(&'a self, money: &'a FieldModel) -> Option<&'a str> {
        match money.definition.currency.as_deref() {
            Some(code) if code.starts_with('@') => None,
            Some(code) => Some(code),
            None => Some(&self.currency),
        }
    }

    /// An amount with the currency that its text names; `None` where that cannot be kept.
    fn amount(&self, text: &str, to: &FieldModel) -> Option<Amount> {
        let own = self.own_currency(to);
        let named = amount::in_text(text, own.unwrap_or_default())?;
        (own.is_some() || named.currency.is_none()).then_some(named)
    }

    /// Whether a value converts and would not come back the same: a time of day that a date has no place for, options that
    /// become one. What is read from a text, or written as one, keeps its sense: there only which record a link pointed at
    /// can be lost.
    pub fn loses(&self, values: &[Value]) -> bool {
        let current = values.first().unwrap_or(&Value::Empty);
        let is_reread = is_free(&self.old) || (is_free(&self.new) && !self.old.kind.is_link());
        let is_same_kind = self.old.kind.name() == self.new.kind.name();
        if current.is_empty() || is_same_kind || is_reread || self.new.is_derived() || self.old.is_derived() {
            return false;
        }
        let (value, lost) = self.carry(values);
        let sorted = |value: Value| match value {
            Value::List(mut list) => {
                list.sort();
                Value::List(list)
            }
            other => other,
        };
        let back = self.convert(&value, &self.new, &self.old);
        !lost && back.map(sorted) != Some(sorted(current.clone()))
    }

    /// One value in the other direction, too.
    fn convert(&self, value: &Value, from: &FieldModel, to: &FieldModel) -> Option<Value> {
        // Sealed or no longer sealed, it is the same value.
        if from.kind.name() == to.kind.name()
            && from.kind.scale(from) == to.kind.scale(to)
            && !from.kind.is_link()
        {
            return Some(value.clone());
        }
        // The same number with fewer digits is rounded.
        if from.kind.name() == to.kind.name()
            && let (Some(number), Some(scale)) = (value.as_decimal(), to.kind.scale(to))
        {
            return number.rescale(scale).map(Value::Decimal);
        }
        let mut converted = self.raw(value, from, to)?;
        if converted.is_empty() {
            return None;
        }
        let before = converted.as_decimal();
        let mut problems = Problems::new();
        to.kind.check(to, &mut converted, &mut problems);
        // A number that would be rounded does not convert.
        let is_exact = before.is_none() || before == converted.as_decimal();
        (!problems.has_errors() && is_exact && !converted.is_empty()).then_some(converted)
    }

    fn raw(&self, value: &Value, from: &FieldModel, to: &FieldModel) -> Option<Value> {
        match (from.kind.is_link(), to.kind.is_link()) {
            (true, true) => return link(value, from, to),
            (true, false) => {
                let id = match value {
                    Value::Id(id) => *id,
                    Value::AnyLink(link) => link.id,
                    _ => return None,
                };
                return self.titles.by_id.get(&id).map(|title| Value::text(title.clone()));
            }
            (false, true) => {
                let text = self.text(value, from);
                let id = (*self.titles.by_text.get(&*fold(text.trim()))?)?;
                return Some(pointer(id, to));
            }
            (false, false) => {}
        }
        let is_many = |field: &FieldModel| field.kind.formula_type() == Type::List;
        let is_option =
            |field: &FieldModel, text: &str| field.definition.one_of.iter().any(|one| one.value == text);
        match value {
            Value::List(list) if is_many(to) => {
                let mut all = Vec::new();
                for item in list {
                    let Value::List(more) = self.raw(&Value::text(item.clone()), from, to)? else {
                        return None;
                    };
                    all.extend(more);
                }
                return Some(Value::List(all));
            }
            Value::List(list) => {
                if let [only] = list.as_slice() {
                    return self.raw(&Value::text(only.clone()), from, to);
                }
                let items: Vec<String> =
                    list.iter().map(|item| self.text(&Value::text(item.clone()), from)).collect();
                return is_free(to).then(|| Value::text(items.join(", ")));
            }
            Value::Text(text) if is_many(to) && is_option(to, text) => {
                return Some(Value::List(vec![text.clone()]));
            }
            // A length has a unit, a number has none.
            // What counts seconds is no plain number.
            Value::Integer(_) | Value::Decimal(_)
                if to.kind.is_number() && to.kind.unit() == from.kind.unit() =>
            {
                return number(value, to);
            }
            Value::Date(day) if to.kind.formula_type() == Type::DateTime => {
                let local = day.and_time(NaiveTime::MIN);
                return self
                    .zone
                    .from_local_datetime(&local)
                    .earliest()
                    .map(|at| Value::DateTime(at.to_utc()));
            }
            Value::DateTime(at) if to.kind.formula_type() == Type::Date => {
                return Some(Value::Date(at.with_timezone(&self.zone).date_naive()));
            }
            _ => {}
        }
        let context = ParseContext { zone: self.zone, now: self.now, catalogue: &self.catalogue };
        let text = match value {
            Value::Json(_) if is_free(to) => from.kind.to_line(from, value, self.zone),
            _ => self.text(value, from),
        };
        if to.kind.style() == NumberStyle::Money {
            let number = self.amount(&text, to)?.number;
            return to.kind.parse_text(to, &number, &context).ok();
        }
        let read = |text: &str| to.kind.parse_text(to, text.trim(), &context).ok();
        // People list things with commas, too.
        read(&text).or_else(|| read(&text.replace([',', '，', '、', ';'], "|")).filter(|_| is_many(to)))
    }

    /// The text of a value; of an option its title, where no other option has the same one.
    fn text(&self, value: &Value, field: &FieldModel) -> String {
        let options = &field.definition.one_of;
        if let Value::Text(text) = value
            && let Some(option) = options.iter().find(|option| option.value == *text)
            && options.iter().filter(|other| other.title == option.title).count() == 1
        {
            return option.title.clone();
        }
        // One item of a list is written as a list of one.
        if let Value::Text(item) = value
            && field.kind.formula_type() == Type::List
        {
            return field.kind.to_text(field, &Value::List(vec![item.clone()]), self.zone);
        }
        field.kind.to_text(field, value, self.zone)
    }
}

/// Whether a field takes any text.
fn is_free(field: &FieldModel) -> bool {
    field.kind.formula_type() == Type::Text && field.definition.one_of.is_empty() && !field.kind.is_link()
}

/// A link as another kind of link.
fn link(value: &Value, from: &FieldModel, to: &FieldModel) -> Option<Value> {
    match value {
        Value::Id(id) => {
            let [target] = from.targets.as_slice() else { return None };
            to.targets.contains(target).then(|| match pointer(*id, to) {
                Value::AnyLink(link) => Value::AnyLink(AnyLink { entity: target.clone(), ..link }),
                other => other,
            })
        }
        Value::AnyLink(link) if to.targets.contains(&link.entity) => match pointer(link.id, to) {
            Value::AnyLink(_) => Some(value.clone()),
            other => Some(other),
        },
        _ => None,
    }
}

fn pointer(id: Uuid, to: &FieldModel) -> Value {
    if to.kind.names_entity() {
        let entity = to.targets.first().cloned().unwrap_or_default();
        return Value::AnyLink(AnyLink { entity, id });
    }
    Value::Id(id)
}

/// A number in another kind of number, as long as no digit is lost.
fn number(value: &Value, to: &FieldModel) -> Option<Value> {
    let number = match value {
        Value::Integer(whole) => Decimal::from(*whole),
        Value::Decimal(number) => *number,
        _ => return None,
    };
    match to.kind.scale(to) {
        Some(scale) => number.rescale(scale).filter(|exact| *exact == number).map(Value::Decimal),
        None => number.rescale(0).filter(|exact| *exact == number).map(|whole| Value::Integer(whole.units())),
    }
}
