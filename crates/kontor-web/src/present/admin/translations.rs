//! The labels of the draft's definitions against the texts of a language.

use std::collections::HashMap;

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_model::labels::{Label, key, labels};
use kontor_model::layer::origin;
use kontor_model::locale::Catalogue;
use kontor_view::FieldView;

use crate::extract::form::Form;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// The kinds whose definitions have labels, in the order of the page.
pub const KINDS: [DefinitionKind; 15] = [
    DefinitionKind::Entity,
    DefinitionKind::Form,
    DefinitionKind::View,
    DefinitionKind::Process,
    DefinitionKind::App,
    DefinitionKind::Report,
    DefinitionKind::Metric,
    DefinitionKind::Snapshot,
    DefinitionKind::Dashboard,
    DefinitionKind::Action,
    DefinitionKind::Workflow,
    DefinitionKind::Approval,
    DefinitionKind::Role,
    DefinitionKind::Table,
    DefinitionKind::Setting,
];

/// A definition with its labels in one language.
pub struct Translated<'j> {
    /// Its kind.
    pub kind: DefinitionKind,
    /// Its name.
    pub name: &'j str,
    /// The definition.
    pub json: &'j Json,
    /// Whether it is written in that very language, so that nothing of it is missing.
    pub is_own: bool,
    /// Its labels, each with the translation.
    pub labels: Vec<(Label, Option<String>)>,
}

impl Translated<'_> {
    /// Whether it is the entity, or belongs to it.
    pub fn is_about(&self, entity: &str) -> bool {
        (self.kind == DefinitionKind::Entity && self.name == entity)
            || text(self.json, "entity") == entity
            || self.json.pointer("/on/entity").and_then(Json::as_str) == Some(entity)
    }
}

/// Every definition of the draft that has labels.
pub fn all<'j>(reading: &Reading<'_>, draft: &'j Draft<'_>, language: &str) -> Vec<Translated<'j>> {
    let file = draft.definition(DefinitionKind::Locale, language);
    let catalogue = file.map(|json| Catalogue::from_json(language, json, None)).unwrap_or_default();
    let layers = reading.session.workspace.layers();
    let packs: HashMap<&str, &str> =
        layers.packs.iter().map(|pack| (pack.name.as_str(), text(&pack.body, "language"))).collect();
    let workspace = reading.session.workspace.settings().language.clone();
    let mut found = Vec::new();
    for kind in KINDS {
        for (name, json) in draft.all(kind) {
            let own =
                match origin(&layers.sets, kind, name, "/title").or(origin(&layers.sets, kind, name, "")) {
                    None | Some("workspace") => workspace.as_str(),
                    Some(layer) => packs.get(layer).copied().filter(|own| !own.is_empty()).unwrap_or("en"),
                };
            let labels: Vec<(Label, Option<String>)> = labels(kind, json)
                .into_iter()
                .map(|label| {
                    let said = catalogue.find_own(&key(kind, name, &label.path)).map(str::to_owned);
                    (label, said)
                })
                .collect();
            if !labels.is_empty() {
                found.push(Translated { kind, name, json, is_own: own == language, labels });
            }
        }
    }
    found
}

/// How many labels are translated (or need not be), and how many there are.
pub fn counted(all: &[Translated<'_>]) -> (usize, usize) {
    let total = all.iter().map(|one| one.labels.len()).sum();
    let done = all
        .iter()
        .map(|one| one.labels.iter().filter(|(_, said)| one.is_own || said.is_some()).count())
        .sum();
    (done, total)
}

/// The languages there are in the draft, those of the interface first.
pub fn languages(reading: &Reading<'_>, draft: &Draft<'_>) -> Vec<String> {
    let mut found: Vec<String> = reading.visit.app.views.languages().map(str::to_owned).collect();
    for (language, _) in draft.all(DefinitionKind::Locale) {
        if !found.iter().any(|known| known == language) {
            found.push(language.to_owned());
        }
    }
    found
}

/// What a language calls itself.
pub fn own_name(draft: &Draft<'_>, language: &str) -> String {
    let file = draft.definition(DefinitionKind::Locale, language);
    let own = file.and_then(|json| json.pointer("/ui/language/own_name")).and_then(Json::as_str);
    own.map_or_else(|| kontor_model::conventions::own_name(language), str::to_owned)
}

/// A label of an entity as a language's texts say it in the draft.
pub fn drafted_label(draft: &Draft<'_>, language: &str, entity: &str, path: &str) -> Option<String> {
    let file = draft.definition(DefinitionKind::Locale, language)?;
    let catalogue = Catalogue::from_json(language, file, None);
    catalogue.find_own(&key(DefinitionKind::Entity, entity, path)).map(str::to_owned)
}

/// Inputs for a label of an entity in every language but the workspace's own: `title.<language>`.
pub fn of_label(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    entity: &str,
    path: &str,
    typed: &Form,
) -> Vec<FieldView> {
    let own = reading.session.workspace.settings().language.clone();
    languages(reading, draft)
        .into_iter()
        .filter(|language| *language != own && draft.definition(DefinitionKind::Locale, language).is_some())
        .map(|language| {
            let file = draft.definition(DefinitionKind::Locale, &language);
            let catalogue = file.map(|json| Catalogue::from_json(&*language, json, None)).unwrap_or_default();
            let name = format!("title.{language}");
            let stored = catalogue.find_own(&key(DefinitionKind::Entity, entity, path)).unwrap_or_default();
            let value = typed.get(&name).unwrap_or(stored).to_owned();
            let title = own_name(draft, &language);
            FieldView {
                label: reading.words().with("field_editor.translation", &[("language", &title)]),
                kind: "text".to_owned(),
                text: value.clone(),
                value,
                name,
                ..FieldView::default()
            }
        })
        .collect()
}
