//! One condition on one field. What each operator means is written in `kontor_model::filter`; a property test
//! holds this file and the evaluation in memory together.

use kontor_model::entity::{DIGEST, EntityModel, FieldModel, system};
use kontor_model::filter::{FieldPath, FilterContext, Leaf, Operand, Operator, Period};
use kontor_model::value::{Value, fold};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};

use super::Plan;
use super::compare::Comparison;
use super::frame::{Frame, column_of, from_reader, system_column};
use super::mask::Reader;
use super::scope::{always, never};
use crate::error::{Error, Result};
use crate::shape::{self, ENTITY, FOLD, LIST_SEPARATOR, Shape};
use crate::target::Dialect;

/// The field of a leaf and the alias where its record is.
pub(crate) struct Place<'a> {
    pub(crate) alias: String,
    pub(crate) entity: &'a EntityModel,
    pub(crate) field: &'a FieldModel,
    pub(crate) shape: Shape,
}

impl Place<'_> {
    /// The place, when there is a column to order or to group by.
    pub(crate) fn with_column(self) -> Result<Self> {
        if self.shape == Shape::Nothing {
            return Err(Error::Query(format!("`{}` holds records of another table", self.field.name)));
        }
        if self.shape == Shape::Sealed {
            let reason = "is encrypted: nothing is sorted, grouped or totalled by it";
            return Err(Error::Query(format!("`{}` {reason}", self.field.name)));
        }
        Ok(self)
    }

    /// The main column; of a secret a mark in its place, in every part of a statement.
    pub(crate) fn column(&self) -> Expr {
        if self.shape == Shape::Nothing {
            return Expr::cust("NULL");
        }
        let column = column_of(&self.alias, &self.field.key);
        if self.shape == Shape::Secret {
            let mark = Expr::Constant("set".into());
            return CaseStatement::new().case(column.is_not_null(), mark).into();
        }
        column
    }

    /// The id of the record that has the field.
    pub(crate) fn id_column(&self) -> Expr {
        column_of(&self.alias, system_column(self.entity, system::ID))
    }

    /// The digest of a sealed value.
    pub(crate) fn digest_column(&self) -> Expr {
        column_of(&self.alias, &format!("{}{DIGEST}", self.field.key))
    }

    pub(crate) fn entity_column(&self) -> Expr {
        column_of(&self.alias, &format!("{}{ENTITY}", self.field.key))
    }

    /// The folded text where an index begins with it: asked for beside the exact text, it brings the index in.
    pub(crate) fn indexed_fold(&self) -> Option<Expr> {
        let begins = |set: &Vec<usize>| set.first() == Some(&self.field.index);
        self.entity.indexes.iter().any(begins).then(|| self.folded()).flatten()
    }

    pub(crate) fn folded(&self) -> Option<Expr> {
        shape::is_folded(self.field).then(|| column_of(&self.alias, &format!("{}{FOLD}", self.field.key)))
    }
}

impl<'a> Plan<'a> {
    pub(crate) fn place(&self, frame: &mut Frame<'a>, path: &FieldPath, reader: Reader) -> Result<Place<'a>> {
        let (alias, entity) = frame.reach(self, path, reader)?;
        let field = reader.field(self, entity, path.field)?;
        Ok(Place { alias, entity, field, shape: Shape::of(field) })
    }

    pub(crate) fn leaf(
        &self,
        frame: &mut Frame<'a>,
        leaf: &Leaf,
        reader: Reader,
        negated: bool,
    ) -> Result<Expr> {
        let place = self.place(frame, &leaf.path, reader)?;
        let (operator, opposite) = positive(leaf.operator);
        // Whoever asks for themselves knows already where that points.
        let is_own = matches!(
            leaf.operand,
            Operand::Me | Operand::MyTeam | Operand::MyTeams | Operand::MyTerritories | Operand::User(_)
        );
        // What a field was has nothing to do with who sees what it is.
        let is_past = leaf.operator == Operator::EverWas;
        let sight = if is_own || is_past { None } else { self.in_sight(frame, &leaf.path, &place, reader)? };
        if let (Operator::Empty, Operand::Flag(empty)) = (operator, &leaf.operand) {
            // The only leaf that is never unknown by itself.
            let column = place.column();
            return Ok(match (*empty == negated, sight) {
                (true, Some(sight)) => column.is_not_null().and(sight),
                (false, Some(sight)) => column.is_not_null().and(sight).not(),
                (true, None) => column.is_not_null(),
                (false, None) => column.is_null(),
            });
        }
        let mut condition = self.positive_leaf(frame, &place, operator, &leaf.operand, reader)?;
        if opposite {
            // The opposite, too, is false where something is empty.
            let there = place.column().is_not_null();
            condition = match self.other_side(frame, &leaf.operand, reader)? {
                Some(other) => {
                    let there = there.and(other.column().is_not_null());
                    there.and(self.custom("(?) IS NOT TRUE", vec![condition]))
                }
                None if self.is_nothing(&place, &leaf.operand) => never(),
                None => there.and(self.custom("(?) IS NOT TRUE", vec![condition])),
            };
        }
        if let Some(sight) = sight {
            condition = condition.and(sight);
        }
        Ok(if negated { self.custom("(?) IS NOT TRUE", vec![condition]) } else { condition })
    }

    /// Whether an operand stands for nothing: an empty value, or a reader's attribute that is empty. A list
    /// without values is a list.
    fn is_nothing(&self, place: &Place<'_>, operand: &Operand) -> bool {
        match operand {
            Operand::Many(_)
            | Operand::Range(..)
            | Operand::Period(_)
            | Operand::Flag(_)
            | Operand::MyTeams
            | Operand::MyTerritories => false,
            other => self.single(place, other).is_empty(),
        }
    }

    /// The other side of a comparison where that is a column: another field of the record, or what the links of the one who
    /// asks lead to, which others may change at any time.
    fn other_side(
        &self,
        frame: &mut Frame<'a>,
        operand: &Operand,
        reader: Reader,
    ) -> Result<Option<Place<'a>>> {
        match operand {
            Operand::Field(path) => self.place(frame, path, reader).map(Some),
            Operand::User(path) if path.contains('.') => {
                let user = self.entity("user")?;
                let unknown = |_| Error::UnknownField { entity: user.name.clone(), field: path.clone() };
                let path = FieldPath::parse(path, user, self.model).map_err(unknown)?;
                if path.is_own() {
                    return Ok(None);
                }
                self.place(frame, &from_reader(frame.root, path), reader).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The condition of an operator that is no opposite: true, or false, or unknown where something is empty.
    fn positive_leaf(
        &self,
        frame: &mut Frame<'a>,
        place: &Place<'a>,
        operator: Operator,
        operand: &Operand,
        reader: Reader,
    ) -> Result<Expr> {
        if let Some(other) = self.other_side(frame, operand, reader)? {
            return self.two_fields(place, operator, &other);
        }
        match operator {
            Operator::Within => match operand {
                Operand::Period(period) => self.within(place, *period),
                _ => Err(misfit(place, operator)),
            },
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => {
                let text = match operand {
                    Operand::Text(text) => text.clone(),
                    Operand::Dialled(text) => return self.number_part(place, operator, text),
                    other => match self.single(place, other) {
                        Value::Text(text) => fold(&text).into_owned(),
                        _ => return Ok(never()),
                    },
                };
                self.text_part(place, operator, &text)
            }
            Operator::Alike => match (operand, place.folded()) {
                (Operand::Text(number), Some(folded)) => {
                    let dialled = crate::ddl::dialled("?", self.dialect());
                    Ok(self.custom(&dialled, vec![folded]).eq(number.as_str()))
                }
                _ => Err(misfit(place, operator)),
            },
            Operator::Under => self.under(place, operand, reader),
            Operator::EverWas => {
                let value = self.single(place, operand);
                self.ever_was(place, &value, reader)
            }
            Operator::In => {
                let list = self.list(place, operand);
                self.one_of(place, &list)
            }
            Operator::AnyOf | Operator::AllOf => {
                let list = self.list(place, operand);
                Ok(self.list_holds(place, operator, &list))
            }
            Operator::Between => match operand {
                Operand::Range(from, to) => {
                    let above = self.compare(place, Comparison::AtLeast, from)?;
                    Ok(above.and(self.compare(place, Comparison::AtMost, to)?))
                }
                _ => Err(misfit(place, operator)),
            },
            Operator::Is if *operand == Operand::MyTeams => {
                let teams: Vec<Value> = self.context.teams.iter().copied().map(Value::Id).collect();
                self.one_of(place, &teams)
            }
            Operator::Is if *operand == Operand::MyTerritories => {
                let own: Vec<Value> = self.context.territories.iter().copied().map(Value::Id).collect();
                self.one_of(place, &own)
            }
            Operator::Eq | Operator::Is => {
                let value = self.single(place, operand);
                self.equals(place, &value)
            }
            Operator::Lt | Operator::Lte | Operator::Gt | Operator::Gte => {
                let value = self.single(place, operand);
                self.compare(place, Comparison::of(operator), &value)
            }
            _ => Err(misfit(place, operator)),
        }
    }

    /// The one value of an operand, with what depends on the moment and the reader filled in.
    pub(crate) fn single(&self, place: &Place<'_>, operand: &Operand) -> Value {
        match operand {
            Operand::One(value) => value.clone(),
            Operand::Text(text) | Operand::Dialled(text) => Value::text(text.clone()),
            Operand::Me => self.context.user.map_or(Value::Empty, Value::Id),
            Operand::MyTeam => self.context.team.map_or(Value::Empty, Value::Id),
            Operand::User(path) => self.context.attribute(path),
            Operand::Setting(name) => self.context.setting(name),
            Operand::Now(offset) if place.shape == Shape::Date => Value::Date(offset.day(self.context)),
            Operand::Now(offset) => {
                let FilterContext { now, zone, working, .. } = self.context;
                Value::DateTime(offset.apply(*now, *zone, working))
            }
            Operand::Flag(flag) => Value::Boolean(*flag),
            Operand::Many(_)
            | Operand::Range(..)
            | Operand::Field(_)
            | Operand::Period(_)
            | Operand::MyTeams
            | Operand::MyTerritories => Value::Empty,
        }
    }

    fn list(&self, place: &Place<'_>, operand: &Operand) -> Vec<Value> {
        match operand {
            Operand::Many(values) => values.clone(),
            other => match self.single(place, other) {
                Value::List(list) => list.into_iter().map(Value::Text).collect(),
                Value::Empty => Vec::new(),
                value => vec![value],
            },
        }
    }

    /// Equal to one of several values.
    fn one_of(&self, place: &Place<'a>, list: &[Value]) -> Result<Expr> {
        let mut plain = Vec::new();
        let mut joined: Option<Expr> = None;
        for value in list.iter().filter(|value| !value.is_empty()) {
            if matches!(
                place.shape,
                Shape::AnyLink | Shape::Decimal(_) | Shape::Integer | Shape::List | Shape::Sealed
            ) {
                let condition = self.equals(place, value)?;
                joined = Some(match joined {
                    Some(before) => before.or(condition),
                    None => condition,
                });
            } else {
                plain.push(Expr::val(self.bound(place, value)?));
            }
        }
        if !plain.is_empty() {
            let exact = place.column().is_in(plain);
            return Ok(match place.indexed_fold().filter(|_| place.shape == Shape::Text) {
                Some(folded) => {
                    let texts = list.iter().filter_map(Value::as_text).map(|text| fold(text).into_owned());
                    folded.is_in(texts).and(exact)
                }
                None => exact,
            });
        }
        Ok(joined.unwrap_or_else(never))
    }

    /// Whether a stored list shares a value with another, or has all of them.
    pub(super) fn list_holds(&self, place: &Place<'_>, operator: Operator, list: &[Value]) -> Expr {
        let position = if self.dialect() == Dialect::Sqlite { "instr(?, ?) > 0" } else { "strpos(?, ?) > 0" };
        let mut joined: Option<Expr> = None;
        for value in list.iter().filter_map(Value::as_text) {
            let condition = if place.shape == Shape::List {
                let marked = format!("{LIST_SEPARATOR}{value}{LIST_SEPARATOR}");
                self.custom(position, vec![place.column(), Expr::val(marked)])
            } else {
                place.column().eq(value)
            };
            joined = Some(match (joined, operator) {
                (None, _) => condition,
                (Some(before), Operator::AllOf) => before.and(condition),
                (Some(before), _) => before.or(condition),
            });
        }
        match joined {
            Some(condition) => condition,
            // Nothing is asked for: every list that is not empty has all of nothing.
            None if operator == Operator::AllOf => place.column().is_not_null(),
            None => never(),
        }
    }

    fn within(&self, place: &Place<'_>, period: Period) -> Result<Expr> {
        let range = period.range(self.context);
        let column = place.column();
        let mut condition: Option<Expr> = None;
        let mut add = |part: Expr| {
            condition = Some(match condition.take() {
                Some(before) => before.and(part),
                None => part,
            });
        };
        match place.shape {
            Shape::Date => {
                if let Some(first) = range.first {
                    add(column.clone().gte(shape::bind_date(first, self.dialect())));
                }
                if let Some(last) = range.last {
                    add(column.lte(shape::bind_date(last, self.dialect())));
                }
            }
            Shape::DateTime => {
                if let Some(from) = range.from {
                    add(self.after(&column, from));
                }
                if let Some(until) = range.until {
                    add(self.before(&column, until));
                }
            }
            _ => return Err(misfit(place, Operator::Within)),
        }
        Ok(condition.unwrap_or_else(always))
    }
}

/// The operator that says the same or the opposite, and whether it is the opposite.
fn positive(operator: Operator) -> (Operator, bool) {
    match operator {
        Operator::Ne => (Operator::Eq, true),
        Operator::NotIn => (Operator::In, true),
        Operator::NotContains => (Operator::Contains, true),
        Operator::NoneOf => (Operator::AnyOf, true),
        other => (other, false),
    }
}

pub(crate) fn misfit(place: &Place<'_>, operator: Operator) -> Error {
    Error::Query(format!("`{}` cannot be compared by {operator:?}", place.field.name))
}
