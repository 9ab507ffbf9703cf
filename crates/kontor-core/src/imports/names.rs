//! How much the name of a column says that it is a field: the very name or label in any case and in every language, a
//! name that the field had before, one with that of the entity in it (`deal_stage`), a word that people use for the same
//! thing, and at last a shared word that says something.

use kontor_model::{EntityModel, FieldModel};

use super::place::{Place, is_worked_out};
use crate::Session;

/// The column is called as the field is.
pub const SAME: u32 = 100;
/// Something else says as much.
const ALMOST: u32 = 95;
/// The name of the entity stands beside it.
const WITH_ENTITY: u32 = 90;
/// Another word for the same thing.
const ALIKE: u32 = 80;
/// The last word is the same.
const SHARED: u32 = 50;
/// Where the words that mean the same are listed, a line for each thing.
const GROUPS: &str = "ui.import.alike.";

/// The words of all languages that people use for the same things.
#[derive(Debug)]
pub struct Thesaurus(Vec<Vec<String>>);

impl Thesaurus {
    /// As the catalogues have it: what is one line in each language is one thing.
    pub fn of(session: &Session) -> Self {
        let mut groups: std::collections::BTreeMap<&str, Vec<String>> = std::collections::BTreeMap::new();
        for catalogue in session.model.catalogues.values() {
            for key in catalogue.keys() {
                let (Some(topic), Some(list)) = (key.strip_prefix(GROUPS), catalogue.find_own(key)) else {
                    continue;
                };
                let words = list.split(',').map(simple).filter(|word| !word.is_empty());
                groups.entry(topic).or_default().extend(words);
            }
        }
        Self(groups.into_values().collect())
    }

    /// Whether both are words for the same thing.
    fn says(&self, one: &str, names: &[String]) -> bool {
        let has = |group: &&Vec<String>| group.iter().any(|word| word == one);
        self.0.iter().filter(has).any(|group| names.iter().any(|name| group.contains(name)))
    }
}

/// How much a column's name says that it goes to this place, up to [`SAME`].
pub fn likeness(session: &Session, thesaurus: &Thesaurus, place: &Place<'_>, column: &str) -> u32 {
    let Some(list) = place.list else {
        return of_field(session, thesaurus, place.entity, place.field, column);
    };
    // `lines.product`, `Lines / Product`, `Line: product`: the name of the list, then that of the field.
    let parts = words(column);
    let mut prefixes = names_of(session, list);
    prefixes.extend(names_of_entity(session, place.entity));
    prefixes.extend(prefixes.clone().iter().filter_map(|name| name.strip_suffix('s').map(str::to_owned)));
    (1..parts.len())
        .filter_map(|cut| parts.split_at_checked(cut))
        .filter(|(head, _)| prefixes.contains(&head.concat()))
        .map(|(_, rest)| of_field(session, thesaurus, place.entity, place.field, &rest.join("_")))
        .max()
        .unwrap_or_default()
}

fn of_field(
    session: &Session,
    thesaurus: &Thesaurus,
    entity: &EntityModel,
    field: &FieldModel,
    column: &str,
) -> u32 {
    let wanted = simple(column);
    if field.part.is_some() || field.companion_of.is_some() {
        // `City` alone may be of any address: a part is meant by its whole name. So is the currency of an amount, though
        // `Currency` says enough where nothing else is called so.
        if whole_names(session, entity, field).contains(&wanted) {
            return SAME;
        }
        let is_called = field.part.is_none() && names_of(session, field).contains(&wanted);
        return if is_called { ALIKE } else { 0 };
    }
    let names = names_of(session, field);
    if names.contains(&wanted) {
        return SAME;
    }
    let own = names_of_entity(session, entity);
    // A column called like the entity holds its titles.
    if field.index == entity.display && own.contains(&wanted) {
        return ALMOST;
    }
    let without = |name: &str| without_entity(name, &own);
    let rest = without(column);
    let bare: Vec<String> = [field.name.as_str(), &field.title].iter().map(|name| without(name)).collect();
    if names.contains(&rest) || bare.contains(&wanted) {
        return WITH_ENTITY;
    }
    let mut known = names.clone();
    known.extend(bare);
    // Another word for the entity holds its titles, whatever else it may be called.
    if field.index == entity.display && thesaurus.says(&wanted, &own) {
        return ALIKE + 5;
    }
    if thesaurus.says(&wanted, &known) || thesaurus.says(&rest, &known) {
        return ALIKE;
    }
    // `sales_price` and “List price” share their last word, which names the thing.
    let last = |name: &str| words(name).pop().filter(|word| word.chars().count() > 3 && !is_general(word));
    let Some(noun) = last(column) else { return 0 };
    let shares = [field.name.as_str(), &field.title].iter().any(|name| last(name).as_ref() == Some(&noun));
    if shares { SHARED } else { 0 }
}

/// The name of a part or of a currency, and its label with that of the whole before it, in every language.
fn whole_names(session: &Session, entity: &EntityModel, field: &FieldModel) -> Vec<String> {
    let mut labels: Vec<String> =
        session.model.catalogues.values().map(|catalogue| field.full_label(entity, catalogue)).collect();
    labels.push(field.full_label(entity, &session.catalogue));
    distinct(labels.iter().map(String::as_str).chain([field.name.as_str()]))
}

/// Whether a column is called as something that no file fills: what is calculated, and what the engine keeps.
pub fn is_closed(session: &Session, entity: &EntityModel, column: &str) -> bool {
    let wanted = simple(column);
    entity.fields.iter().filter(|field| is_worked_out(entity, field)).any(|field| {
        whole_names(session, entity, field).contains(&wanted)
            || (field.companion_of.is_none() && names_of(session, field).contains(&wanted))
    })
}

/// Words that stand at the end of names of very different fields.
fn is_general(word: &str) -> bool {
    ["date", "name", "number", "code", "type", "value", "time", "email", "phone", "status"].contains(&word)
}

/// A name without the words of its entity.
fn without_entity(name: &str, own: &[String]) -> String {
    words(name).into_iter().filter(|word| !own.contains(word)).collect::<Vec<_>>().concat()
}

/// What the field is called and was called first: names and labels, in every language.
fn names_of(session: &Session, field: &FieldModel) -> Vec<String> {
    let labels = session.model.catalogues.values().map(|catalogue| field.label(catalogue));
    let own = [field.name.as_str(), &field.key, &field.title, field.label(&session.catalogue)];
    distinct(own.into_iter().chain(labels))
}

fn names_of_entity(session: &Session, entity: &EntityModel) -> Vec<String> {
    let catalogues = || session.model.catalogues.values();
    let labels = catalogues().map(|catalogue| entity.label(catalogue));
    let plurals = catalogues().map(|catalogue| entity.plural_label(catalogue));
    let own = [entity.name.as_str(), &entity.key, &entity.title, &entity.plural];
    distinct(own.into_iter().chain(labels).chain(plurals))
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut list: Vec<String> = names.map(simple).filter(|name| !name.is_empty()).collect();
    list.sort_unstable();
    list.dedup();
    list
}

/// A name without case, blanks and signs.
pub fn simple(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words of a name: `closeDate`, `close_date` and “Close date” alike.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        let begins = letter.is_uppercase() && was_small;
        if (!letter.is_alphanumeric() || begins) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        was_small = letter.is_lowercase();
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for name in ["closeDate", "close_date", "Close date", "CLOSE-DATE"] {
            assert_eq!(words(name).concat(), "closedate", "{name}");
        }
        assert_eq!(words("closeDate"), ["close", "date"]);
        assert_eq!(words("ID"), ["id"]);
        assert!(words("  ").is_empty());
    }

    #[test]
    fn words_for_the_same_thing_are_in_one_line() {
        let group = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let thesaurus = Thesaurus(vec![group(&["owner", "salesagent"]), group(&["price"])]);
        assert!(thesaurus.says("salesagent", &group(&["owner"])));
        assert!(!thesaurus.says("price", &group(&["owner"])));
        assert!(!thesaurus.says("nothing", &group(&["nothing"])));
    }
}
