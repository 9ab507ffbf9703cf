//! One entity by itself: names of fields are resolved, expressions not yet.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{activities, fields};
use crate::Json;
use crate::definition::{self, entity::EntityDefinition};
use crate::entity::{Encryption, EntityModel, FieldModel, Source, system};
use crate::problem::{Problem, Problems};

/// The entity without back links, expressions and conditions. `names` are all entities, broken ones too: a link to a
/// broken one is no mistake of this entity.
#[expect(clippy::too_many_lines, reason = "one list of what an entity is made of, in its order")]
pub(super) fn draft(name: &str, json: &Json, names: &HashSet<String>) -> Result<EntityModel, Problems> {
    let mut definition: EntityDefinition = definition::read(json)?;
    let mut problems = Problems::new();
    if definition.name.is_empty() {
        name.clone_into(&mut definition.name);
    } else if definition.name != name {
        problems.push(
            Problem::new("name_differs", "/name").with("name", &definition.name).with("expected", name),
        );
    }
    definition.arrange();
    let (mut fields, by_name) = fields::build(&definition, &mut problems);
    for field in fields.iter().filter(|field| !field.system && field.companion_of.is_none()) {
        for (index, target) in field.targets.iter().enumerate().filter(|(_, target)| !names.contains(*target))
        {
            let is_list = field.definition.to.as_ref().is_some_and(Json::is_array);
            let at = format!("/properties/{}/to", field.name);
            let at = if is_list { format!("{at}/{index}") } else { at };
            problems.push(Problem::new("unknown_entity", at).with("entity", target));
        }
    }
    let find = |written: &str, at: String, problems: &mut Problems| {
        let found = by_name.get(written).copied();
        if found.is_none() {
            problems.push(Problem::new("unknown_field", at).with("field", written).with("entity", name));
        }
        found
    };
    let sets = |written: &[Vec<String>], key: &str, problems: &mut Problems| -> Vec<Vec<usize>> {
        let set = |(index, names): (usize, &Vec<String>)| -> Vec<usize> {
            let indexes = names.iter().enumerate();
            indexes
                .filter_map(|(part, name)| find(name, format!("/{key}/{index}/{part}"), &mut *problems))
                .collect()
        };
        written.iter().enumerate().map(set).filter(|set| !set.is_empty()).collect()
    };
    let mut unique = sets(&definition.unique, "unique", &mut problems);
    let mut indexes = sets(&definition.indexes, "indexes", &mut problems);
    let list = |written: &[String], key: &str, problems: &mut Problems| -> Vec<usize> {
        let indexes = written.iter().enumerate();
        indexes.filter_map(|(index, name)| find(name, format!("/{key}/{index}"), &mut *problems)).collect()
    };
    let lists = [(&unique, "unique"), (&indexes, "indexes")];
    for (set, key) in lists.into_iter().flat_map(|(sets, key)| sets.iter().map(move |set| (set, key))) {
        for field in set.iter().filter_map(|index| fields.get(*index)).filter(|field| field.kind.is_list()) {
            let at = format!("/{key}");
            problems.push(Problem::new("not_for_lists", at).with("key", key).with("kind", field.kind.name()));
        }
    }
    for (index, names) in definition.unique.iter().enumerate() {
        for (part, name) in names.iter().enumerate() {
            let field = by_name.get(name).and_then(|index| fields.get(*index));
            let worth = field.filter(|field| field.part == Some(crate::kind::CONVERTED));
            if let Some(whole) = worth.and_then(|field| fields.get(field.companion_of?)) {
                let problem = Problem::new("unique_worth", format!("/unique/{index}/{part}"));
                problems.push(problem.with("field", name).with("whole", &whole.name));
            }
        }
    }
    let required = list(&definition.required, "required", &mut problems);
    let mut search = list(&definition.search, "search", &mut problems);
    let display = match &definition.display {
        Some(written) => find(written, "/display".into(), &mut problems).unwrap_or(system::ID),
        None => system::ID,
    };
    for (at, name) in definition.search.iter().enumerate() {
        let field = by_name.get(name).and_then(|index| fields.get(*index));
        // What must not be found at all is told for another reason.
        let is_left = |field: &&FieldModel| field.kind.is_list() || field.kind.is_write_only();
        let has_words = |field: &&FieldModel| {
            let is_text = matches!(field.kind.formula_type(), crate::formula::Type::Text);
            // A whole number is looked for by its digits.
            let is_number = matches!(field.kind.formula_type(), crate::formula::Type::Number)
                && field.kind.scale(field).is_none_or(|scale| scale == 0);
            is_text || is_number || field.kind.is_searched() || field.kind.is_link()
        };
        if let Some(field) = field.filter(|field| !is_left(field) && !has_words(field)) {
            let problem = Problem::new("not_searched", format!("/search/{at}")).with("field", &field.title);
            problems.push(problem.with("kind", field.kind.name()));
        }
    }
    search.retain(|index| fields.get(*index).is_some_and(|field| !field.kind.is_list()));
    if let Some(field) = fields.get(display).filter(|field| field.kind.is_list()) {
        let problem = Problem::new("not_for_lists", "/display").with("value", &field.name);
        let fits = |one: &&FieldModel| {
            !one.system && !one.kind.is_list() && !one.kind.is_write_only() && one.companion_of.is_none()
        };
        let options = fields.iter().filter(fits).map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
        let problem = problem.with("key", "display").with("kind", field.kind.name());
        problems.push(problem.with("options", options));
    }
    if search.is_empty() && display != system::ID {
        search.push(display);
    }
    let activity = definition.activity.as_ref();
    let activity = activity.and_then(|written| {
        activities::read(written, |name| by_name.get(name).copied(), &fields, &mut problems)
    });
    let told = unique.iter().chain(&indexes).flatten().chain(&search).chain(std::iter::once(&display));
    refuse_secrets(&definition, &fields, &by_name, told.copied(), &mut problems);
    let shown = indexes.iter().flatten().chain(&search).chain(std::iter::once(&display)).copied();
    refuse_sealed(&definition, &fields, (&unique, shown), &mut problems);
    for index in required {
        if let Some(field) = fields.get_mut(index) {
            field.required = true;
        }
    }
    for field in &fields {
        if field.definition.unique && !unique.contains(&vec![field.index]) {
            unique.push(vec![field.index]);
        }
        // What points at records is looked up from the other side: related lists, roll-ups, "mine".
        let is_looked_up = field.is_sealed() && field.encryption == Encryption::Lookup;
        // A number is drawn until it is one that no record has.
        let is_looked_up = is_looked_up || field.kind.is_drawn();
        let is_followed =
            is_looked_up || field.kind.is_link() && (!field.system || field.index == system::OWNER);
        if is_followed && !indexes.iter().any(|set| set.first() == Some(&field.index)) {
            indexes.push(vec![field.index]);
        }
    }
    // Every save looks for what its duplicate rules call the same.
    for rule in definition.duplicates.iter().filter(|rule| rule.then.as_deref() != Some("allow")) {
        let first = rule.fields.first().and_then(|name| by_name.get(name)).copied();
        let is_served = |index: usize| indexes.iter().any(|set| set.first() == Some(&index));
        if let Some(index) = first.filter(|index| !is_served(*index)) {
            indexes.push(vec![index]);
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(EntityModel {
        name: name.to_owned(),
        key: definition.key.clone().unwrap_or_else(|| name.to_owned()),
        title: definition.title.clone(),
        plural: definition.plural.clone().unwrap_or_else(|| definition.title.clone()),
        icon: definition.icon.clone().unwrap_or_else(|| "list".into()),
        display,
        fields,
        unique,
        indexes,
        search,
        derived_order: Vec::new(),
        dependents: Vec::new(),
        unsettled: Vec::new(),
        fed: Vec::new(),
        guards: Vec::new(),
        asked: Vec::new(),
        rated: Vec::new(),
        back_links: Vec::new(),
        rules: Vec::new(),
        duplicates: Vec::new(),
        guarded: Vec::new(),
        tree: None,
        implied: None,
        activity,
        definition,
        by_name,
    })
}

impl EntityModel {
    /// Lets fields keep the values that they have: how they would get others is not known.
    pub(super) fn keep(&mut self, stuck: &BTreeSet<String>) {
        for name in stuck {
            let index = self.by_name.get(name).copied();
            if let Some(field) = index.and_then(|index| self.fields.get_mut(index)) {
                field.source = Source::Kept;
            }
        }
    }
}

/// What nobody may read, nobody may find out by what is found, sorted or the same.
fn refuse_secrets(
    definition: &EntityDefinition,
    fields: &[FieldModel],
    by_name: &HashMap<String, usize>,
    told: impl Iterator<Item = usize>,
    problems: &mut Problems,
) {
    let matched = definition.duplicates.iter().flat_map(|rule| &rule.fields);
    let named: HashSet<usize> = told.chain(matched.filter_map(|name| by_name.get(name).copied())).collect();
    for field in fields.iter().filter(|field| field.kind.is_write_only() && named.contains(&field.index)) {
        let at = format!("/properties/{}", field.name);
        problems.push(Problem::new("secret_uses", at).with("field", &field.title));
    }
}

/// What is sealed where it is stored must not stand in the clear in a title, in what the search knows, in an index; and
/// no order tells one from another. Equals are found by their digests, where there are some.
fn refuse_sealed(
    definition: &EntityDefinition,
    fields: &[FieldModel],
    (unique, shown): (&[Vec<usize>], impl Iterator<Item = usize>),
    problems: &mut Problems,
) {
    let matched = definition.duplicates.iter().flat_map(|rule| &rule.fields);
    let matched: HashSet<&str> = matched.map(String::as_str).collect();
    let shown: HashSet<usize> = shown.collect();
    for field in fields.iter().filter(|field| field.is_sealed()) {
        let at = format!("/properties/{}/encrypted", field.name);
        if shown.contains(&field.index) || matched.contains(field.name.as_str()) {
            problems.push(Problem::new("encrypted_uses", &at).with("field", &field.title));
        }
        let is_together = unique.iter().any(|set| set.len() > 1 && set.contains(&field.index));
        if is_together && field.encryption != Encryption::Lookup {
            problems.push(Problem::new("encrypted_unique", at));
        }
    }
}
