//! Resolves names and checks types: from what was written to what can be computed.

use super::ask;
use super::error::Wrong;
use super::function;
use super::syntax::{Binary, Node, Syntax};
use super::tree::{Tree, name};
use super::{Amount, Position, Type};
use crate::filter::FieldPath;
use crate::problem::Problem;
use crate::value::Value;

/// What names mean.
pub(super) trait Names {
    /// The tree and the type of a path as written.
    fn resolve(&mut self, path: &str) -> Result<(Tree, Type), Problem>;

    /// The model whose tables and settings can be asked; none where only numbers are known.
    fn model(&self) -> Option<&crate::Model> {
        None
    }

    /// What an amount of money is worth in the workspace's currency; nothing for what has no currency of its own.
    fn worth(&mut self, _amount: &FieldPath) -> Option<FieldPath> {
        None
    }
}

/// The typed tree, and its type; `None` when it can only be empty.
pub(super) fn check(syntax: &Syntax, names: &mut dyn Names) -> Result<(Tree, Option<Type>), Wrong> {
    let position = syntax.position;
    Ok(match &syntax.node {
        Node::Number(number) => (Tree::Literal(Value::Decimal(*number)), Some(Type::Number)),
        Node::Text(text) => (Tree::Literal(Value::text(text.as_str())), Some(Type::Text)),
        Node::Boolean(flag) => (Tree::Literal(Value::Boolean(*flag)), Some(Type::Boolean)),
        Node::Nothing => (Tree::Literal(Value::Empty), None),
        Node::Path(path) => {
            let (tree, found) = names.resolve(path).map_err(|problem| Wrong::because(position, problem))?;
            (tree, Some(found))
        }
        Node::Not(inner) => {
            let (tree, found) = check(inner, names)?;
            fits(found, Type::Boolean, inner.position)?;
            (Tree::Not(Box::new(tree)), Some(Type::Boolean))
        }
        Node::Negate(inner) => {
            let (tree, found) = check(inner, names)?;
            fits(found, Type::Number, inner.position)?;
            (Tree::Negate(Box::new(tree)), Some(Type::Number))
        }
        // `x == ()` asks whether there is anything.
        Node::Binary(operator @ (Binary::Equal | Binary::NotEqual), asked, nothing)
            if matches!(nothing.node, Node::Nothing) =>
        {
            let (tree, _) = check(asked, names)?;
            let Some(is_empty) = function::find("is_empty") else {
                return Err(Wrong::at(position, "formula_arguments"));
            };
            let asks = Tree::Call(is_empty, vec![tree]);
            let tree = if *operator == Binary::Equal { asks } else { Tree::Not(Box::new(asks)) };
            (tree, Some(Type::Boolean))
        }
        Node::Binary(operator, left, right) => {
            let (left, left_type) = check(left, names)?;
            let (right, right_type) = check(right, names)?;
            let found = binary(*operator, left_type, right_type, position)?;
            (Tree::Binary(*operator, Box::new(left), Box::new(right)), found)
        }
        Node::If(condition, then, otherwise) => {
            let (condition_tree, condition_type) = check(condition, names)?;
            fits(condition_type, Type::Boolean, condition.position)?;
            let (then, mut found) = check(then, names)?;
            let mut otherwise_tree = None;
            if let Some(otherwise) = otherwise {
                let (tree, other) = check(otherwise, names)?;
                found = same(found, other, otherwise.position)?;
                otherwise_tree = Some(Box::new(tree));
            }
            (Tree::If(Box::new(condition_tree), Box::new(then), otherwise_tree), found)
        }
        Node::Call(called, arguments) if called == "lookup" => ask::lookup(arguments, position, names)?,
        Node::Call(called, arguments) if called == "setting" => ask::setting(arguments, position, names)?,
        Node::Call(called, arguments) => {
            let Some(function) = function::find(called) else {
                let problem = Wrong::at(position, "formula_unknown_function").with("name", called);
                return Err(problem.with("options", function::names()));
            };
            let mut trees = Vec::with_capacity(arguments.len());
            let mut types = Vec::with_capacity(arguments.len());
            for argument in arguments {
                let (tree, found) = check(argument, names)?;
                trees.push(tree);
                types.push((found, argument.position));
            }
            let found = function.result(&types, position)?;
            // `if(c, a, b)` is the expression, so that only the chosen side is computed.
            if function.name == "if" {
                let mut trees = trees.into_iter();
                let (Some(condition), Some(then)) = (trees.next(), trees.next()) else {
                    return Err(Wrong::at(position, "formula_arguments"));
                };
                return Ok((
                    Tree::If(Box::new(condition), Box::new(then), trees.next().map(Box::new)),
                    found,
                ));
            }
            (Tree::Call(function, trees), found)
        }
    })
}

fn binary(
    operator: Binary,
    left: Option<Type>,
    right: Option<Type>,
    position: Position,
) -> Result<Option<Type>, Wrong> {
    let wrong = || {
        Wrong::at(position, "formula_types")
            .with("operator", operator.mark())
            .with("left", name(left))
            .with("right", name(right))
    };
    let both =
        |wanted: Type| left.is_none_or(|found| found == wanted) && right.is_none_or(|found| found == wanted);
    match operator {
        Binary::And | Binary::Or if both(Type::Boolean) => Ok(Some(Type::Boolean)),
        Binary::Equal | Binary::NotEqual if are_comparable(left, right) => Ok(Some(Type::Boolean)),
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual
            if are_comparable(left, right) && left != Some(Type::List) && left != Some(Type::Id) =>
        {
            Ok(Some(Type::Boolean))
        }
        Binary::Add if left == Some(Type::Text) || right == Some(Type::Text) => {
            let joins = |found: Option<Type>| {
                !matches!(found, Some(Type::List | Type::Id | Type::Boolean | Type::Object))
            };
            if joins(left) && joins(right) { Ok(Some(Type::Text)) } else { Err(wrong()) }
        }
        // A day moved by days.
        Binary::Add | Binary::Subtract
            if left == Some(Type::Date) && right.is_none_or(|right| right == Type::Number) =>
        {
            Ok(Some(Type::Date))
        }
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder
            if both(Type::Number) =>
        {
            Ok(Some(Type::Number))
        }
        _ => Err(wrong()),
    }
}

/// Equal types, a day with a moment, or one of them nothing.
fn are_comparable(left: Option<Type>, right: Option<Type>) -> bool {
    // The whole of an address is compared by its parts, and a secret by nobody.
    let is_whole = left == Some(Type::Object) || right == Some(Type::Object);
    !is_whole && (left.is_none() || right.is_none() || left == right)
}

/// The type that two sides have in common.
pub(super) fn same(
    left: Option<Type>,
    right: Option<Type>,
    position: Position,
) -> Result<Option<Type>, Wrong> {
    match (left, right) {
        (None, found) | (found, None) => Ok(found),
        (Some(left), Some(right)) if left == right => Ok(Some(left)),
        _ => Err(Wrong::at(position, "formula_type").with("found", name(right)).with("expected", name(left))),
    }
}

/// Whether an expression has the type that is needed.
pub(super) fn fits(found: Option<Type>, wanted: Type, position: Position) -> Result<(), Wrong> {
    if found.is_none_or(|found| found == wanted) {
        return Ok(());
    }
    Err(Wrong::at(position, "formula_type").with("found", name(found)).with("expected", name(Some(wanted))))
}

/// Fields of records, through links.
pub(super) struct Fields<'a> {
    pub entity: &'a crate::EntityModel,
    pub model: &'a crate::Model,
    pub reads: Vec<FieldPath>,
    /// What amounts are worth that are compared with cells of decision tables.
    pub worth: Vec<FieldPath>,
}

impl Names for Fields<'_> {
    fn model(&self) -> Option<&crate::Model> {
        Some(self.model)
    }

    fn resolve(&mut self, path: &str) -> Result<(Tree, Type), Problem> {
        let resolved = FieldPath::parse(path, self.entity, self.model)?;
        let Some(field) = resolved.resolve(self.model) else {
            return Err(Problem::new("unknown_field", "")
                .with("field", path)
                .with("entity", &self.entity.name));
        };
        if !self.reads.contains(&resolved) {
            self.reads.push(resolved.clone());
        }
        Ok((Tree::Field(resolved), field.kind.formula_type()))
    }

    fn worth(&mut self, amount: &FieldPath) -> Option<FieldPath> {
        let converted = Amount::at(amount, self.model)?.converted;
        if !self.worth.contains(&converted) {
            self.worth.push(converted.clone());
        }
        Some(converted)
    }
}

/// Named numbers.
pub(super) struct Numbers<'a> {
    pub known: &'a [&'a str],
    pub reads: Vec<String>,
}

impl Names for Numbers<'_> {
    fn resolve(&mut self, path: &str) -> Result<(Tree, Type), Problem> {
        if !self.known.contains(&path) {
            let problem = Problem::new("formula_unknown_name", "").with("name", path);
            return Err(problem.with("options", self.known.join(", ")));
        }
        let index = if let Some(index) = self.reads.iter().position(|read| read == path) {
            index
        } else {
            self.reads.push(path.to_owned());
            self.reads.len() - 1
        };
        Ok((Tree::Name(index), Type::Number))
    }
}
