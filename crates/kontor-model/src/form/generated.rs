//! A form for an entity that has none: what matters first, long texts across the whole width, related lists last.

use crate::definition::form::{FormDefinition, Item, Section, Tab};
use crate::entity::{EntityModel, FieldModel, Source, system};
use crate::formula::Type;
use crate::kind::NumberStyle;

/// How many facts stand at the top of a record.
const FACTS: usize = 4;

/// The form made from the fields of an entity and of one of its variants.
pub fn generated(entity: &EntityModel, record_type: Option<&str>) -> FormDefinition {
    made(entity, record_type, false)
}

/// The same for a portal: without who is responsible, without what is classified for the inside, and without lists of what
/// else belongs to the record, which is shown to people from outside only where somebody says so.
pub fn generated_for_portal(entity: &EntityModel, record_type: Option<&str>) -> FormDefinition {
    FormDefinition { channel: Some(crate::portal::PORTAL.into()), ..made(entity, record_type, true) }
}

fn made(entity: &EntityModel, record_type: Option<&str>, for_portal: bool) -> FormDefinition {
    let is_shown = |field: &FieldModel| !(for_portal && crate::portal::is_inside(field));
    let fields: Vec<&FieldModel> =
        entity.own_fields().filter(|field| belongs(entity, field, record_type) && is_shown(field)).collect();
    let is_long = |field: &FieldModel| field.kind.is_long() || field.kind.is_list();
    let mut main: Vec<Item> = Vec::new();
    // The title comes first, wherever it stands in the definition.
    if let Some(display) = fields.iter().find(|field| field.index == entity.display) {
        main.push(Item::of_field(&display.name));
    }
    let typed =
        fields.iter().filter(|field| matches!(field.source, Source::Typed) && field.index != entity.display);
    main.extend(typed.clone().filter(|field| !is_long(field)).map(|field| Item::of_field(&field.name)));
    if !for_portal {
        main.push(Item::of_field("owner"));
    }
    let long = typed.filter(|field| is_long(field));
    main.extend(long.map(|field| Item { wide: true, ..Item::of_field(&field.name) }));
    let mut sections = vec![section("main", main)];
    let derived: Vec<Item> = fields
        .iter()
        .filter(|field| !matches!(field.source, Source::Typed) && field.index != entity.display)
        .map(|field| Item::of_field(&field.name))
        .collect();
    if !derived.is_empty() {
        sections.push(section("derived", derived));
    }
    let mut tabs =
        vec![Tab { name: "main".into(), title: entity.title.clone(), visible_when: None, sections }];
    // What a list shows inside the form is not shown a second time.
    let lists = entity.back_links.iter().filter(|_| !for_portal);
    for back in lists.filter(|back| !back.title.is_empty() && back.list.is_none()) {
        let related =
            Item { related: Some(back.name.clone()), title: Some(back.title.clone()), ..Item::default() };
        let name = back.name.clone();
        tabs.push(Tab {
            name: name.clone(),
            title: back.title.clone(),
            visible_when: None,
            sections: vec![section(&name, vec![related])],
        });
    }
    FormDefinition {
        name: entity.name.clone(),
        title: entity.title.clone(),
        entity: entity.name.clone(),
        record_type: None,
        roles: Vec::new(),
        channel: None,
        facts: facts(entity, &fields, for_portal),
        tabs,
    }
}

fn section(name: &str, items: Vec<Item>) -> Section {
    Section { name: name.to_owned(), columns: Some(2), items, ..Section::default() }
}

/// Whether a field is shown in a form: companions stand beside their amounts, and a variant has its own fields.
fn belongs(entity: &EntityModel, field: &FieldModel, record_type: Option<&str>) -> bool {
    if field.companion_of.is_some() || (field.name == "record_type" && record_type.is_some()) {
        return false;
    }
    let Some(record_type) = record_type else { return true };
    let variants = &entity.definition.record_types;
    let mut having = variants.iter().filter(|variant| variant.fields.contains(&field.name)).peekable();
    having.peek().is_none() || having.any(|variant| variant.name == record_type)
}

/// Choices, amounts, dates and links say most at a glance; then whoever is responsible.
fn facts(entity: &EntityModel, fields: &[&FieldModel], for_portal: bool) -> Vec<String> {
    let weight = |field: &FieldModel| match field.kind {
        kind if kind.is_choice() => Some(0),
        kind if kind.style() == NumberStyle::Money => Some(1),
        _ if field.kind.is_link() => Some(2),
        _ if field.kind.formula_type() == Type::Date => Some(3),
        _ => None,
    };
    let mut found: Vec<(u8, usize, &str)> = fields
        .iter()
        .filter(|field| field.index != entity.display)
        .filter_map(|field| Some((weight(field)?, field.index, field.name.as_str())))
        .collect();
    found.sort_unstable();
    let mut facts: Vec<String> =
        found.into_iter().take(FACTS - 1).map(|(_, _, name)| name.to_owned()).collect();
    if let Some(owner) = entity.fields.get(system::OWNER).filter(|_| !for_portal) {
        facts.push(owner.name.clone());
    }
    facts
}
