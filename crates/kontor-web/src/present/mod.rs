//! From what `kontor-core` gives to what `kontor-view` draws. Every file fills the structs of one page.

pub mod action;
pub mod activities;
pub mod address;
pub mod admin;
pub mod approval;
pub mod beside;
pub mod board;
pub mod builder;
pub mod calculating;
pub mod calendar;
pub mod cards;
pub mod cohort;
pub mod comments;
pub mod condition_rows;
pub mod conflict;
pub mod control;
pub mod export;
pub mod filters;
pub mod flash;
pub mod form;
pub mod frame;
pub mod history;
pub mod import;
pub mod import_columns;
pub mod list;
pub mod list_field;
pub mod long_list;
pub mod matrix;
pub mod metric;
pub mod moves;
pub mod people;
pub mod portal;
pub mod quick;
pub mod record;
pub mod related;
pub mod report;
pub mod report_list;
pub mod shares;
pub mod side_order;
pub mod small;
pub mod snapshot;
pub mod stage_path;
pub mod table;
pub mod tile;
pub mod timeline;
pub mod tree;
pub mod typed;
pub mod values;
pub mod view_menu;
mod week_rows;

use std::sync::Arc;

use kontor_core::Session;
use kontor_core::records::Titles;
use kontor_model::definition::DefinitionKind;
use kontor_model::locale::Catalogue;
use kontor_model::{EntityModel, Json, Problems};
use kontor_view::Words;
use kontor_view::format::Format;
use kontor_view::page::part::{EntityHead, Link, ProblemLine};
use kontor_view::present::Presenter;

use crate::frame::address as url;
use crate::visit::Visit;

/// How one reader reads: words, formats, labels, addresses.
pub struct Reading<'a> {
    /// The request.
    pub visit: &'a Visit,
    /// Who reads.
    pub session: &'a Session,
    /// How numbers and dates are written.
    pub format: Format,
    /// Labels of definitions, texts of problems.
    pub labels: Arc<Catalogue>,
}

impl<'a> Reading<'a> {
    /// The reading of a session.
    pub fn new(visit: &'a Visit, session: &'a Session) -> Self {
        let format = Format {
            words: visit.words(),
            conventions: kontor_model::conventions::of(formats(visit, session)),
            zone: session.actor.zone,
            now: session.now,
            currency: session.workspace.settings().currency.clone(),
        };
        // A session on the model of a draft brings the labels of that draft.
        let labels = if session.catalogue.language == visit.language {
            Arc::clone(&session.catalogue)
        } else {
            visit.catalogue()
        };
        Self { visit, session, format, labels }
    }

    /// What the records of an entity are, told apart from those of others: of links also whose they are.
    pub fn records_of(&self, entity: &EntityModel) -> String {
        let owner = entity.implied.as_ref().and_then(|implied| self.session.model.entity(&implied.entity));
        match owner {
            Some(owner) => format!("{} › {}", self.title_of(owner), self.plural_of(entity)),
            None => self.plural_of(entity),
        }
    }

    /// The words of the interface.
    pub fn words(&self) -> &Words {
        &self.format.words
    }

    /// A word of the interface.
    pub fn t(&self, key: &str) -> String {
        self.format.words.t(key)
    }

    /// Presents values whose links have these titles.
    pub fn presenter<'p>(&'p self, titles: &'p Titles) -> Presenter<'p> {
        let pages = self.session.portal.as_ref().map(|portal| portal.entities.as_slice());
        Presenter { format: &self.format, labels: &self.labels, base: &self.visit.base, titles, pages }
    }

    /// The label of one record of an entity.
    pub fn title_of(&self, entity: &EntityModel) -> String {
        entity.label(&self.labels).to_owned()
    }

    /// The label of many records of an entity.
    pub fn plural_of(&self, entity: &EntityModel) -> String {
        if let Some(named) = portal::named_in_menu(self, entity) {
            return named;
        }
        entity.plural_label(&self.labels).to_owned()
    }

    /// What a kind of field is called; a kind that there is not, as it is written.
    pub fn kind_title(&self, kind: &str) -> String {
        let key = format!("kind.{kind}.title");
        if self.words().has(&key) { self.t(&key) } else { kind.to_owned() }
    }

    /// The head of pages about an entity.
    pub fn head(&self, entity: &EntityModel) -> EntityHead {
        let own = entity.definition.description.as_deref().unwrap_or_default();
        EntityHead {
            name: entity.name.clone(),
            title: self.title_of(entity),
            plural: self.plural_of(entity),
            icon: entity.icon.clone(),
            description: self.labels.label("entity", &entity.name, "description", own).to_owned(),
        }
    }

    /// A label inside a definition in the reader's language: `path` as in the locale files.
    pub fn label(&self, kind: DefinitionKind, name: &str, path: &str, own: &str) -> String {
        self.labels.label(kind.as_str(), name, path, own).to_owned()
    }

    /// What a key of a definition is for: the catalogue's words, in the language of the schemas those of the meta-schema.
    /// `kind` is that of the definition; `field` for a key of a field.
    pub fn described(&self, kind: &str, key: &str, schema: &Json) -> String {
        self.described_as(kind, key, schema.get("description").and_then(Json::as_str).unwrap_or_default())
    }

    /// The same with the words of the meta-schema.
    pub fn described_as(&self, kind: &str, key: &str, english: &str) -> String {
        let words = self.words().catalogue();
        let own = words.find_own(&format!("schema.{kind}.{key}"));
        let said = own.or_else(|| words.find_own(&format!("schema.any.{key}")));
        said.map_or_else(|| self.schema_text(english), str::to_owned)
    }

    /// A text of a meta-schema: languages say it below `schema.words`, by the words themselves.
    pub fn schema_text(&self, english: &str) -> String {
        let said = self.words().catalogue().find_own(&format!("schema.words.{english}"));
        said.unwrap_or(english).to_owned()
    }

    /// A word of the language of definitions that stands at a key, as people read it.
    pub fn schema_word(&self, key: &str, word: &str) -> String {
        let known = match key {
            "kind" => format!("kind.{word}.title"),
            "do" => format!("step.{word}"),
            "color" => format!("field_editor.color_{word}"),
            "outcome" => format!("field_editor.outcome_{word}"),
            _ => String::new(),
        };
        if !known.is_empty() && self.words().has(&known) {
            return self.t(&known);
        }
        if let Some(said) = self.words().catalogue().find_own(&format!("schema.words.{word}")) {
            return said.to_owned();
        }
        let mut letters = word.replace('_', " ").chars().collect::<Vec<char>>();
        if let Some(first) = letters.first_mut() {
            first.make_ascii_uppercase();
        }
        letters.into_iter().collect()
    }

    /// The title of a definition.
    pub fn definition_title(&self, kind: DefinitionKind, name: &str, json: &Json) -> String {
        let own = json.get("title").and_then(Json::as_str).unwrap_or(name);
        self.label(kind, name, "title", own)
    }

    /// The labels of a path, links joined: `Account › Industry`.
    pub fn path_label(&self, path: &kontor_model::filter::FieldPath) -> String {
        let hops = path.hops.iter().map(|hop| (hop.entity.as_str(), hop.field));
        hops.chain(std::iter::once((path.entity.as_str(), path.field)))
            .filter_map(|(entity, index)| {
                let entity = self.session.model.entity(entity)?;
                Some(entity.fields.get(index)?.full_label(entity, &self.labels))
            })
            .collect::<Vec<_>>()
            .join(" › ")
    }

    /// Whether the records of an entity have pages in this channel.
    pub fn has_pages(&self, entity: &str) -> bool {
        self.session.portal.as_ref().is_none_or(|portal| portal.shows(entity))
    }

    /// The address of a record where it is linked from another; empty where such records have no pages.
    pub fn link_href(&self, entity: &str, id: uuid::Uuid) -> String {
        if self.has_pages(entity) { self.record_href(entity, id) } else { String::new() }
    }

    /// The address of an entity's list.
    pub fn list_href(&self, entity: &str) -> String {
        format!("{}/r/{}", self.visit.base, url::segment(entity))
    }

    /// The address of a record.
    pub fn record_href(&self, entity: &str, id: uuid::Uuid) -> String {
        format!("{}/r/{}/{id}", self.visit.base, url::segment(entity))
    }

    /// The address of an administrator's page.
    pub fn admin_href(&self, path: &str) -> String {
        format!("{}/admin/{path}", self.visit.base)
    }

    /// Whether the reader may shape the workspace.
    pub fn may_design(&self) -> bool {
        self.session.actor.access.is_admin("design")
    }

    /// A link of the "Customise" menu; none for who may not design.
    pub fn customise(&self, links: &[(&str, String, &str)]) -> Vec<Link> {
        if !self.may_design() {
            return Vec::new();
        }
        links.iter().map(|(key, href, icon)| Link::new(href.clone(), self.t(key), *icon)).collect()
    }

    /// Problems of a plain form: `prefix` and the field's name are the id of its control.
    pub fn problem_lines(&self, problems: &Problems, prefix: &str) -> Vec<ProblemLine> {
        problems
            .iter()
            .map(|problem| ProblemLine {
                anchor: problem.field().map(|field| format!("{prefix}{field}")).unwrap_or_default(),
                label: String::new(),
                message: admin::conditions::in_words(self, None, problem).message(&self.labels),
                ..Default::default()
            })
            .collect()
    }
}

/// The language whose way of writing numbers and days a reader has chosen, or that of the page.
pub fn formats<'a>(visit: &'a Visit, session: &'a Session) -> &'a str {
    let own = session.actor.formats.as_str();
    if own.is_empty() { &visit.language } else { own }
}

/// A typed definition of the model; one that does not read is as good as absent, the Problems page shows it.
pub fn typed<T: serde::de::DeserializeOwned>(json: &Json) -> Option<T> {
    kontor_model::definition::read(json).ok()
}
