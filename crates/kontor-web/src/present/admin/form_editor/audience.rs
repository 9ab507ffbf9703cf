//! For whom a form is, and which of an entity's forms somebody sees.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json};
use kontor_view::field::OptionView;
use kontor_view::page::admin::form_editor::{Audience, Sibling};

use crate::present::{Reading, filters};
use crate::routes::admin::draft::{self, Draft, text};

/// The inputs that say for whom the form is.
pub fn audience(reading: &Reading<'_>, entity: &EntityModel, form: &Json) -> Audience {
    let list = |key: &str| -> Vec<&str> {
        form.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
    };
    let chosen = text(form, "record_type");
    let mut types = Vec::new();
    if !entity.definition.record_types.is_empty() {
        types.push(OptionView::new("", reading.t("form_editor.all_types"), chosen.is_empty()));
        types.extend(entity.definition.record_types.iter().map(|one| {
            OptionView::new(one.name.clone(), type_title(reading, entity, &one.name), one.name == chosen)
        }));
    }
    let channel = match text(form, "channel") {
        "" => kontor_model::form::INTERNAL,
        channel => channel,
    };
    let facts = list("facts");
    let mut offered: Vec<OptionView> = filters::fields(reading, entity, "");
    let mut ticked: Vec<OptionView> = Vec::new();
    for name in &facts {
        if let Some(index) = offered.iter().position(|option| option.value == **name) {
            ticked.push(OptionView { selected: true, ..offered.remove(index) });
        }
    }
    ticked.append(&mut offered);
    Audience {
        title: text(form, "title").to_owned(),
        types,
        roles: draft::roles(reading, &list("roles")),
        channels: kontor_model::form::CHANNELS
            .into_iter()
            .map(|one| OptionView::new(one, reading.t(&format!("form_editor.channel_{one}")), one == channel))
            .collect(),
        facts: ticked,
    }
}

fn type_title(reading: &Reading<'_>, entity: &EntityModel, name: &str) -> String {
    let own = entity.definition.record_types.iter().find(|one| one.name == name);
    let own = own.map_or(name, |one| one.title.as_str());
    reading.label(DefinitionKind::Entity, &entity.name, &format!("record_types.{name}.title"), own)
}

/// All forms of an entity, the most particular first, as they are looked at.
pub fn siblings(
    reading: &Reading<'_>,
    entity: &EntityModel,
    draft: &Draft<'_>,
    present: &str,
    href: &dyn Fn(&str) -> String,
) -> Vec<Sibling> {
    let forms = draft.all(DefinitionKind::Form);
    let mut forms: Vec<(&str, &Json)> =
        forms.into_iter().filter(|(_, form)| text(form, "entity") == entity.name).collect();
    let has_roles =
        |form: &Json| form.get("roles").and_then(Json::as_array).is_some_and(|list| !list.is_empty());
    forms.sort_by_key(|(name, form)| (text(form, "record_type").is_empty(), !has_roles(form), *name));
    forms
        .into_iter()
        .map(|(name, form)| {
            let mut who = Vec::new();
            let record_type = text(form, "record_type");
            if !record_type.is_empty() {
                who.push(type_title(reading, entity, record_type));
            }
            let roles = form.get("roles").and_then(Json::as_array).into_iter().flatten();
            let roles: Vec<String> = roles
                .filter_map(Json::as_str)
                .map(|role| match reading.session.model.definition(DefinitionKind::Role, role) {
                    Some(json) => reading.definition_title(DefinitionKind::Role, role, json),
                    None => role.to_owned(),
                })
                .collect();
            if !roles.is_empty() {
                who.push(roles.join(", "));
            }
            let channel = text(form, "channel");
            if !channel.is_empty() && channel != kontor_model::form::INTERNAL {
                who.push(reading.t(&format!("form_editor.channel_{channel}")));
            }
            Sibling {
                title: reading.definition_title(DefinitionKind::Form, name, form),
                href: href(name),
                who: if who.is_empty() { reading.t("form_editor.everyone") } else { who.join(" · ") },
                current: name == present,
            }
        })
        .collect()
}
