//! A kind of definition, documented from its meta-schema: every key with what it is for, what may stand there, and what
//! somebody has written there.

use std::collections::BTreeSet;

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::shape::{KeyLine, KeyPart};
use kontor_view::page::part::Link;

use super::node::{Node, Sort};
use crate::present::Reading;

/// An example longer than this is cut.
const EXAMPLE: usize = 120;
/// Samples that are looked through.
const SAMPLES: usize = 200;

/// A part that is still to be described, with what was written of it.
struct Open<'a> {
    anchor: String,
    title: String,
    node: Node<'a>,
    samples: Vec<&'a Json>,
}

/// The parts of a kind: the definition itself first.
pub fn parts<'a>(
    reading: &Reading<'_>,
    kind: DefinitionKind,
    root: Node<'a>,
    samples: Vec<&'a Json>,
) -> Vec<KeyPart> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let first = Open { anchor: "all-keys".to_owned(), title: String::new(), node: root, samples };
    let mut open = std::collections::VecDeque::from([first]);
    let mut found = Vec::new();
    while let Some(part) = open.pop_front() {
        let is_root = part.title.is_empty();
        // What stands inside of a key is told where the key is.
        let is_told = is_root || part.node.part().is_empty();
        let about = if is_told { String::new() } else { reading.schema_text(part.node.text("description")) };
        let mut keys = Vec::new();
        for (key, node) in part.node.stated() {
            if key == "$schema" {
                continue;
            }
            let samples: Vec<&Json> =
                part.samples.iter().filter_map(|one| one.get(key)).filter(|one| !one.is_null()).collect();
            let mut line = line(reading, if is_root { kind.as_str() } else { "" }, key, &node, &samples);
            line.required = part.node.requires(key, None)
                || (is_root && root.completion().is_some_and(|complete| complete.requires(key, None)));
            if let Some((inner, samples)) = inner(&node, &samples)
                && !node.is_of_layers(key)
            {
                let anchor = match inner.part() {
                    "" => format!("{}-{key}", part.anchor),
                    name => format!("part-{name}"),
                };
                line.part = Link::new(format!("#{anchor}"), line.label.clone(), "");
                if seen.insert(anchor.clone()) {
                    open.push_back(Open { anchor, title: line.label.clone(), node: inner, samples });
                }
            }
            keys.push(line);
        }
        for (word, node) in part.node.variants() {
            let anchor = format!("part-{}", node.part());
            let own: Vec<&Json> = part
                .samples
                .iter()
                .copied()
                .filter(|one| one.get("do").and_then(Json::as_str) == Some(&word))
                .collect();
            if !node.part().is_empty() && seen.insert(anchor.clone()) {
                let title = reading.schema_word("do", &word);
                open.push_back(Open { anchor, title, node, samples: own });
            }
        }
        found.push(KeyPart { anchor: part.anchor, title: part.title, about, keys });
    }
    found
}

fn line(reading: &Reading<'_>, kind: &str, key: &str, node: &Node<'_>, samples: &[&Json]) -> KeyLine {
    let about = node.text("description");
    KeyLine {
        key: key.to_owned(),
        label: match node.text("title") {
            "" => key.to_owned(),
            title => reading.schema_text(title),
        },
        about: if kind.is_empty() {
            reading.schema_text(about)
        } else {
            reading.described_as(kind, key, about)
        },
        shape: shape(reading, node),
        values: match node.sort() {
            Sort::Choice(words) | Sort::Ticks(words) | Sort::Either(words) => words
                .into_iter()
                .map(|word| {
                    let said = reading.schema_word(key, &word);
                    if said == word { word } else { format!("{word} · {said}") }
                })
                .collect(),
            _ => Vec::new(),
        },
        example: example(node, samples),
        ..KeyLine::default()
    }
}

/// What may stand at a place, in words.
fn shape(reading: &Reading<'_>, node: &Node<'_>) -> String {
    let word = match node.sort() {
        Sort::Choice(_) => "choice",
        Sort::Ticks(_) => "ticks",
        Sort::Flag => "flag",
        Sort::Number(true) => "whole",
        Sort::Number(false) => "number",
        Sort::Text(_) => "text",
        Sort::Scalar => "scalar",
        Sort::Several => "several",
        Sort::Any | Sort::Either(_) => "any",
        Sort::Object => "object",
        Sort::Short(_) => "short",
        Sort::Map => "map",
        Sort::List => "list",
        Sort::Condition => "condition",
        Sort::Fixed => "fixed",
        Sort::Source => "json",
    };
    let mut said = vec![reading.t(&format!("documentation.is_{word}"))];
    let number = |key: &str| node.keyword(key).filter(|one| one.is_number()).map(ToString::to_string);
    for (key, limit) in
        [("minimum", "least"), ("maximum", "most"), ("maxLength", "length"), ("maxItems", "items")]
    {
        if let Some(number) = number(key) {
            said.push(reading.words().with(&format!("documentation.{limit}"), &[("number", &number)]));
        }
    }
    said.join(", ")
}

/// The part with keys of its own that stands at a place, in a list or behind names, and what was written of it.
fn inner<'a>(node: &Node<'a>, samples: &[&'a Json]) -> Option<(Node<'a>, Vec<&'a Json>)> {
    let listed = || -> Vec<&'a Json> {
        samples.iter().filter_map(|one| one.as_array()).flatten().take(SAMPLES).collect()
    };
    let named = || -> Vec<&'a Json> {
        samples.iter().filter_map(|one| one.as_object()).flat_map(|one| one.values()).take(SAMPLES).collect()
    };
    match node.sort() {
        Sort::Object | Sort::Condition | Sort::Short(_) => Some((*node, samples.to_vec())),
        Sort::Either(_) => Some((node.beside()?, samples.to_vec())),
        Sort::List => {
            let item = node.item()?;
            matches!(item.sort(), Sort::Object | Sort::Short(_)).then(|| (item, listed()))
        }
        Sort::Map => {
            let entry = node.entry()?;
            match entry.sort() {
                Sort::Object | Sort::Condition => Some((entry, named())),
                Sort::Either(_) => Some((entry.beside()?, named())),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What somebody wrote there, or what the schema gives as an example, or the first word that is allowed.
fn example(node: &Node<'_>, samples: &[&Json]) -> String {
    let shortest = samples.iter().map(ToString::to_string).min_by_key(String::len);
    let said = || {
        let given = node.keyword("examples").and_then(Json::as_array).and_then(|list| list.first());
        given.map(ToString::to_string)
    };
    let first = || match node.sort() {
        Sort::Choice(words) => words.first().map(|word| Json::from(word.as_str()).to_string()),
        Sort::Ticks(words) => words.first().map(|word| Json::from(vec![word.as_str()]).to_string()),
        Sort::Flag => Some("true".to_owned()),
        Sort::Number(_) => Some(node.keyword("minimum").map_or_else(|| "1".to_owned(), ToString::to_string)),
        Sort::Fixed => node.keyword("const").map(ToString::to_string),
        _ => None,
    };
    let text = shortest.or_else(said).or_else(first).unwrap_or_default();
    if text.chars().count() > EXAMPLE {
        return format!("{}…", text.chars().take(EXAMPLE).collect::<String>());
    }
    text
}
