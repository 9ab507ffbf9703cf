//! What there is to choose from where a definition names something.

use kontor_core::saved;
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, FieldModel, Json};
use kontor_view::field::OptionView;

use super::names::{Known, Named};
use crate::present::filters;
use crate::present::values::is_readable;
use crate::routes::admin::draft::text;

impl Known<'_> {
    /// What there is to choose from; `None` where anything may be typed.
    pub fn options(&self, pointer: &str, named: &Named, chosen: &str) -> Option<Vec<OptionView>> {
        let mut found = match named {
            Named::Nothing | Named::Icon => return None,
            Named::Definition(kind) => self.definitions(*kind, pointer, chosen),
            Named::OptionOf(entity, field) => {
                let field = self.model.entity(entity)?.field(field)?;
                let mut options = Vec::new();
                if self.kind == DefinitionKind::Process && pointer.contains("/from") {
                    options.push(OptionView::new("*", self.reading.t("shape.every_stage"), chosen == "*"));
                }
                options.extend(field.definition.one_of.iter().map(|option| {
                    let label = field.option_label(&option.value, &self.reading.labels);
                    OptionView::new(option.value.clone(), label, option.value == chosen)
                }));
                options
            }
            Named::Measure(report) => {
                let json = self.draft.definition(DefinitionKind::Report, report)?;
                let measures = json.get("measures").and_then(Json::as_array).into_iter().flatten();
                measures
                    .filter_map(|one| {
                        let name = one.get("as").and_then(Json::as_str)?;
                        let own = one.get("title").and_then(Json::as_str).unwrap_or(name);
                        Some(OptionView::new(name, own, name == chosen))
                    })
                    .collect()
            }
            Named::Given { sign } => self.given(*sign, chosen),
            Named::Input => {
                let inputs = self.whole.get("inputs").and_then(Json::as_object).into_iter().flatten();
                inputs
                    .map(|(name, input)| {
                        let title = input.get("title").and_then(Json::as_str).unwrap_or(name);
                        OptionView::new(name.clone(), title, name == chosen)
                    })
                    .collect()
            }
            Named::Field { path, sign } => self.fields(pointer, *path, *sign, chosen)?,
        };
        // What is written stays among what can be chosen.
        if !chosen.is_empty() && !found.iter().any(|option| option.selected) {
            found.push(OptionView::new(chosen, chosen, true));
        }
        Some(found)
    }

    fn definitions(&self, kind: DefinitionKind, pointer: &str, chosen: &str) -> Vec<OptionView> {
        let mut found = Vec::new();
        if self.kind == DefinitionKind::Role
            && (pointer.starts_with("/entities") || pointer.starts_with("/deny"))
        {
            found.push(OptionView::new("*", self.reading.t("roles.every_entity"), chosen == "*"));
        }
        // A view of a menu is one of the entity beside it, when one is chosen.
        let about = match kind {
            DefinitionKind::View | DefinitionKind::Form | DefinitionKind::Process => self.neighbour(pointer),
            _ => String::new(),
        };
        for (name, json) in self.draft.all(kind) {
            if kind == DefinitionKind::Entity
                && self.model.entity(name).is_some_and(|one| one.implied.is_some())
            {
                continue;
            }
            if !about.is_empty() && text(json, "entity") != about {
                continue;
            }
            if !self.is_offered(kind, name) {
                continue;
            }
            found.push(OptionView::new(
                name,
                self.reading.definition_title(kind, name, json),
                name == chosen,
            ));
        }
        if kind == DefinitionKind::Entity {
            // Those that the program brings are in the model only.
            for entity in
                self.model.entities.values().filter(|one| one.is_built_in() && one.implied.is_none())
            {
                if !self.is_offered(kind, &entity.name) {
                    continue;
                }
                if !found.iter().any(|option| option.value == entity.name) {
                    let title = self.reading.title_of(entity);
                    found.push(OptionView::new(entity.name.clone(), title, entity.name == chosen));
                }
            }
        }
        found.sort_by(|left, right| left.title.cmp(&right.title));
        found
    }

    /// Whether the reader is told of a definition: who shapes the workspace of all, others of what they may read.
    fn is_offered(&self, kind: DefinitionKind, name: &str) -> bool {
        let session = self.reading.session;
        match kind {
            _ if self.reading.may_design() => true,
            DefinitionKind::Entity => session.entity(name).is_ok(),
            DefinitionKind::Report
            | DefinitionKind::Metric
            | DefinitionKind::Snapshot
            | DefinitionKind::View => saved::is_seen(session, kind, name),
            _ => false,
        }
    }

    fn neighbour(&self, pointer: &str) -> String {
        let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
        self.whole.pointer(above).map(|json| text(json, "entity").to_owned()).unwrap_or_default()
    }

    fn fields(&self, pointer: &str, path: bool, sign: bool, chosen: &str) -> Option<Vec<OptionView>> {
        let mut entities: Vec<&EntityModel> = self.subject(pointer).into_iter().collect();
        if self.kind == DefinitionKind::Dashboard {
            entities = self.shown();
        }
        if entities.is_empty() {
            return None;
        }
        let mut found: Vec<OptionView> = Vec::new();
        for entity in entities {
            for own in filters::fields(self.reading, entity, chosen) {
                // What cannot be sorted by is no order.
                if sign && entity.field(&own.value).is_none_or(|field| !field.may_order()) {
                    continue;
                }
                if !found.iter().any(|known| known.value == own.value) {
                    found.push(own);
                }
            }
            if path {
                self.behind(entity, sign, chosen, &mut found);
            }
        }
        if sign {
            self.add_descending(&mut found, chosen);
        }
        Some(found)
    }

    fn add_descending(&self, found: &mut Vec<OptionView>, chosen: &str) {
        let down = found.iter().map(|one| {
            let value = format!("-{}", one.value);
            let title = self.reading.words().with("shape.descending", &[("field", &one.title)]);
            OptionView::new(value.clone(), title, value == chosen)
        });
        let down: Vec<OptionView> = down.collect();
        found.extend(down);
    }

    /// What the report itself names: its rows, columns and measures.
    fn given(&self, sign: bool, chosen: &str) -> Vec<OptionView> {
        let entity = self.subject("/rows");
        let mut found = Vec::new();
        let parts = ["rows", "columns", "measures"].into_iter().filter_map(|part| self.whole.get(part));
        let blocks = self.whole.get("blocks").and_then(Json::as_array).into_iter().flatten();
        for part in parts.chain(blocks.filter_map(|block| block.get("measures"))) {
            for one in part.as_array().into_iter().flatten() {
                let own =
                    one.get("as").or_else(|| one.get("field")).and_then(Json::as_str).unwrap_or_default();
                let field = entity.and_then(|entity| entity.field(own));
                let title = match (one.get("title").and_then(Json::as_str), field) {
                    (Some(title), _) => title.to_owned(),
                    (None, Some(field)) => field.label(&self.reading.labels).to_owned(),
                    (None, None) => own.to_owned(),
                };
                if !own.is_empty() {
                    found.push(OptionView::new(own, title, own == chosen));
                }
            }
        }
        if sign {
            self.add_descending(&mut found, chosen);
        }
        found
    }

    /// The fields behind the links of an entity.
    fn behind(&self, entity: &EntityModel, sign: bool, chosen: &str, found: &mut Vec<OptionView>) {
        for link in entity.fields.iter().filter(|field| field.kind.is_link() && !field.kind.is_list()) {
            let is_way = !link.system || link.name == "owner";
            let [target] = link.targets.as_slice() else { continue };
            let Some(target) = self.model.entity(target).filter(|_| is_way) else { continue };
            let is_told = |entity: &EntityModel, field: &FieldModel| {
                self.reading.may_design() || is_readable(self.reading, entity, field)
            };
            if !is_told(entity, link) {
                continue;
            }
            let label = link.full_label(entity, &self.reading.labels);
            let fits = |field: &&FieldModel| field.companion_of.is_none() && (!sign || field.may_order());
            let fields = target.own_fields().filter(fits);
            for field in fields.filter(|field| is_told(target, field)) {
                let value = format!("{}.{}", link.name, field.name);
                let title = format!("{label} › {}", field.full_label(target, &self.reading.labels));
                if !found.iter().any(|known| known.value == value) {
                    let selected = value == chosen;
                    found.push(OptionView::new(value, title, selected));
                }
            }
        }
    }

    /// What the tiles of a dashboard show.
    fn shown(&self) -> Vec<&EntityModel> {
        let mut found: Vec<&EntityModel> = Vec::new();
        for tile in self.whole.get("tiles").and_then(Json::as_array).into_iter().flatten() {
            for (key, kind) in [
                ("report", DefinitionKind::Report),
                ("metric", DefinitionKind::Metric),
                ("view", DefinitionKind::View),
            ] {
                let definition = self.draft.definition(kind, text(tile, key));
                let entity = definition.and_then(|json| self.model.entity(text(json, "entity")));
                if let Some(entity) = entity
                    && !found.iter().any(|known| known.name == entity.name)
                {
                    found.push(entity);
                }
            }
        }
        found
    }

    /// What a name is called; the name itself where nothing is known of it.
    pub fn label(&self, pointer: &str, named: &Named, name: &str) -> String {
        let options = self.options(pointer, named, name).unwrap_or_default();
        options.into_iter().find(|option| option.selected).map_or_else(|| name.to_owned(), |one| one.title)
    }
}
