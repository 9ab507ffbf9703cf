//! `lookup("table", x, …)` and `setting("name")`: what is asked is known when the formula is read, so that its type is.

use std::cell::RefCell;
use std::sync::Arc;

use super::error::Wrong;
use super::syntax::{Node, Syntax};
use super::tree::Tree;
use super::typing::{Names, check, fits};
use super::{Position, Type};

/// `lookup("discounts.rate", tier, amount)`: a table with one output needs no name behind the dot. The inputs stand in
/// the order of the table's columns, each of them: one that is forgotten would be empty for ever. Amounts of money count with
/// what they are worth in the workspace's currency.
pub(super) fn lookup(
    arguments: &[Syntax],
    position: Position,
    names: &mut dyn Names,
) -> Result<(Tree, Option<Type>), Wrong> {
    let (written, inputs) = literal(arguments, position, "lookup(\"table.output\", input, …)")?;
    let (name, output) =
        written.split_once('.').map_or((written, None), |(name, output)| (name, Some(output)));
    let known = names.model().map(|model| &model.tables);
    let Some(table) = known.and_then(|tables| tables.get(name)).map(Arc::clone) else {
        let options: Vec<&str> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        return Err(Wrong::at(position, "unknown_table")
            .with("table", name)
            .with("options", options.join(", ")));
    };
    let Some(output) = table.output(output) else {
        let options: Vec<String> =
            table.outputs.iter().map(|field| format!("{name}.{}", field.name)).collect();
        return Err(Wrong::at(position, "unknown_output")
            .with("table", written)
            .with("options", options.join(", ")));
    };
    if inputs.len() != table.inputs.len() {
        let columns: Vec<&str> = table.inputs.iter().map(|input| input.field.name.as_str()).collect();
        let signature = format!("lookup(\"{written}\", {})", columns.join(", "));
        return Err(Wrong::at(position, "formula_arguments")
            .with("signature", signature)
            .with("count", inputs.len()));
    }
    let mut trees = Vec::with_capacity(inputs.len());
    for (argument, input) in inputs.iter().zip(&table.inputs) {
        let (tree, found) = check(argument, names)?;
        fits(found, input.field.kind.formula_type(), argument.position)?;
        trees.push(if input.field.kind.is_converted() { in_one_currency(&tree, names) } else { tree });
    }
    let result = table.outputs.get(output).map(|field| field.kind.formula_type());
    Ok((Tree::Lookup(table, output, trees), result))
}

/// The amounts in cells of a table are in the workspace's currency: so are those that are compared with them. What has no
/// known rate is empty there, and fits no cell.
fn in_one_currency(tree: &Tree, names: &mut dyn Names) -> Tree {
    let names = RefCell::new(names);
    tree.with_fields(&|path| names.borrow_mut().worth(path))
}

/// `setting("vat_rate")`.
pub(super) fn setting(
    arguments: &[Syntax],
    position: Position,
    names: &mut dyn Names,
) -> Result<(Tree, Option<Type>), Wrong> {
    let (name, rest) = literal(arguments, position, "setting(\"name\")")?;
    if !rest.is_empty() {
        let wrong = Wrong::at(position, "formula_arguments").with("signature", "setting(\"name\")");
        return Err(wrong.with("count", arguments.len()));
    }
    let known = names.model().map(|model| &model.settings);
    let Some(setting) = known.and_then(|settings| settings.get(name)) else {
        let options: Vec<&str> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        return Err(Wrong::at(position, "unknown_setting")
            .with("name", name)
            .with("options", options.join(", ")));
    };
    Ok((Tree::Setting(name.to_owned()), Some(setting.field.kind.formula_type())))
}

/// The first argument, which has to be a text as written.
fn literal<'s>(
    arguments: &'s [Syntax],
    position: Position,
    signature: &str,
) -> Result<(&'s str, &'s [Syntax]), Wrong> {
    match arguments.split_first().map(|(first, rest)| (&first.node, rest)) {
        Some((Node::Text(text), rest)) => Ok((text, rest)),
        _ => Err(Wrong::at(position, "formula_arguments")
            .with("signature", signature)
            .with("count", arguments.len())),
    }
}
