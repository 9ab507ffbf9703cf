//! The settings of an entity as a form: what it is called, its icon, its title, its search, its features.

use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::arranged;
use kontor_model::entity::{COMMENTS, FOLLOW, HISTORY};
use kontor_model::{FieldKind, Json, Problems, kind};
use kontor_view::field::OptionView;
use kontor_view::page::admin::entity::SettingsTab;

use super::icons;
use crate::extract::form::Form;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// What records of an entity can have beside their fields. The language of definitions knows more, for what is to come;
/// what nothing carries out is not offered.
pub const FEATURES: [&str; 4] = ["files", HISTORY, COMMENTS, FOLLOW];

/// The form, with what was typed when it comes back.
pub fn tab(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    name: &str,
    base: &str,
    typed: &Form,
    problems: &Problems,
) -> SettingsTab {
    let Some(json) = draft.definition(DefinitionKind::Entity, name) else { return SettingsTab::default() };
    let given = |key: &str| typed.get(key).map_or_else(|| text(json, key).to_owned(), str::to_owned);
    let chosen = |key: &str| -> Vec<String> {
        if typed.has(key) {
            return typed.all(key).map(str::to_owned).collect();
        }
        if key == "features" && json.get(key).is_none_or(Json::is_null) {
            return vec![HISTORY.to_owned()];
        }
        let list = json.get(key).and_then(Json::as_array).into_iter().flatten();
        list.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let (display, searched, features) = (given("display"), chosen("search"), chosen("features"));
    let fields = |fits: fn(&dyn FieldKind) -> bool, is_chosen: &dyn Fn(&str) -> bool| -> Vec<OptionView> {
        arranged(json)
            .into_iter()
            .filter(|(field, facets)| kind::find(text(facets, "kind")).is_some_and(fits) || is_chosen(field))
            .map(|(field, facets)| {
                let path = format!("properties.{field}.title");
                let title = reading.label(DefinitionKind::Entity, name, &path, text(facets, "title"));
                OptionView::new(field, title, is_chosen(field))
            })
            .collect()
    };
    let (title, description) = (given("title"), given("description"));
    let about = format!("{title} {name} {description}");
    SettingsTab {
        action: base.to_owned(),
        displays: fields(|kind| kind.is_title(), &|field| field == display),
        searched: fields(|kind| kind.is_searched(), &|field| searched.iter().any(|one| one == field)),
        features: FEATURES
            .iter()
            .map(|one| {
                let title = reading.t(&format!("feature.{one}"));
                OptionView::new(*one, title, features.iter().any(|own| own == one))
            })
            .collect(),
        icons: icons::picker(reading, &given("icon"), typed.text("icon_q"), &about),
        plural: given("plural"),
        title,
        description,
        problems: reading.problem_lines(problems, "e-"),
    }
}
