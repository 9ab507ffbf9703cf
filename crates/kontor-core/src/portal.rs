//! The portal: what people from outside see of a workspace. It grants nothing. A session that came in by it has the rights
//! of its actor without those that belong to the inside, and knows which lists, records and dashboards have pages there.

use std::collections::HashSet;
use std::sync::Arc;

use kontor_model::access::{EntityAccess, FieldRight, Scope};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::app::AppDefinition;
use kontor_model::definition::form::FormDefinition;
use kontor_model::definition::view::ViewDefinition;
use kontor_model::portal::PORTAL;
use kontor_model::{EntityModel, Json, Model, form};

use crate::{Actor, Session, apps};

/// What lies beside records, and is shown in a portal where an app says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// What people said of them.
    Comments,
    /// Files that no field holds.
    Files,
}

impl Beside {
    fn as_str(self) -> &'static str {
        match self {
            Self::Comments => "comments",
            Self::Files => "files",
        }
    }
}

/// What the portal is for one person.
#[derive(Clone, Debug, Default)]
pub struct Portal {
    /// Their apps of it, in order.
    pub apps: Vec<Arc<AppDefinition>>,
    /// Names of the entities whose lists and records have pages: those of the menus first, then what their forms show.
    pub entities: Vec<String>,
    named: usize,
    views: HashSet<String>,
    dashboards: HashSet<String>,
    chosen_from: HashSet<String>,
}

impl Portal {
    fn of(session: &Session, apps: Vec<Arc<AppDefinition>>) -> Self {
        let model = &session.model;
        let items = || apps.iter().flat_map(|app| app.items());
        let homes = || apps.iter().filter_map(|app| app.home.as_ref());
        let views = items().filter_map(|item| item.view.clone());
        let views: HashSet<String> = views.chain(homes().filter_map(|home| home.view.clone())).collect();
        let dashboards = items().filter_map(|item| item.dashboard.clone());
        let dashboards = dashboards.chain(homes().filter_map(|home| home.dashboard.clone())).collect();
        let of_view = |name: &String| -> Option<String> {
            let json: &Json = model.definition(DefinitionKind::View, name)?;
            json.get("entity")?.as_str().map(str::to_owned)
        };
        let mut entities: Vec<String> = Vec::new();
        let named = items().filter_map(|item| item.entity.clone().or_else(|| of_view(item.view.as_ref()?)));
        let first = homes().filter_map(|home| of_view(home.view.as_ref()?));
        for name in named.chain(first) {
            if !entities.contains(&name) {
                entities.push(name);
            }
        }
        let named = entities.len();
        add_shown(model, &session.actor, &mut entities);
        let links =
            entities.iter().filter_map(|name| model.entity(name)).flat_map(|entity| linked(model, entity));
        let chosen_from = links.collect();
        Self { apps, entities, named, views, dashboards, chosen_from }
    }

    /// The entities that the menus name.
    pub fn menu(&self) -> &[String] {
        self.entities.get(..self.named).unwrap_or_default()
    }

    /// Whether the lists and records of an entity have pages.
    pub fn shows(&self, entity: &str) -> bool {
        self.entities.iter().any(|name| name == entity)
    }

    /// Whether records of an entity may be chosen: they have pages, or a link of such records leads to them.
    pub fn offers(&self, entity: &str) -> bool {
        self.shows(entity) || self.chosen_from.contains(entity)
    }

    /// Whether a dashboard has a page.
    pub fn has_dashboard(&self, name: &str) -> bool {
        self.dashboards.contains(name)
    }

    /// Whether what lies beside records is shown.
    pub fn has(&self, beside: Beside) -> bool {
        self.apps.iter().any(|app| app.beside.iter().any(|name| name == beside.as_str()))
    }

    /// The views of an entity in the portal: those that menus name, those made for a role of who asks, and a plain list
    /// where a menu names the entity alone or there is nothing else.
    pub fn views(&self, session: &Session, entity: &EntityModel) -> Vec<ViewDefinition> {
        let is_own = |view: &&Arc<ViewDefinition>| {
            self.views.contains(&view.name)
                || view.roles.iter().any(|role| session.actor.roles.contains(role))
        };
        let defined = session.model.about::<ViewDefinition>(&entity.name);
        let mut views: Vec<ViewDefinition> =
            defined.iter().filter(is_own).map(|view| (**view).clone()).collect();
        views.sort_by_key(|view| (!view.default, view.position.unwrap_or(i64::MAX), view.title.clone()));
        let items = self.apps.iter().flat_map(|app| app.items());
        let mut plain =
            items.filter(|item| item.view.is_none() && item.entity.as_ref() == Some(&entity.name));
        if views.is_empty() || plain.next().is_some() {
            let mut list = kontor_model::view::default_view(entity);
            list.columns.retain(|column| column.field != "owner");
            views.insert(0, list);
        }
        views
    }
}

/// Adds what the forms of the portal show of other records, and what these show.
fn add_shown(model: &Model, actor: &Actor, entities: &mut Vec<String>) {
    let mut next = 0;
    while let Some(entity) = entities.get(next).and_then(|name| model.entity(name)) {
        next += 1;
        let forms = model.about::<FormDefinition>(&entity.name);
        let is_own = |form: &&Arc<FormDefinition>| {
            let is_for = form.roles.is_empty() || form.roles.iter().any(|role| actor.roles.contains(role));
            form.channel.as_deref() == Some(PORTAL) && is_for
        };
        for item in forms.iter().filter(is_own).flat_map(|form| form::items(form)) {
            let back = entity.back_links.iter().find(|back| Some(&back.name) == item.related.as_ref());
            let other = back.and_then(|back| match &back.through {
                // What stands at the other end of a pair is shown, not the pair.
                Some(through) => model.entity(&back.entity)?.field(through)?.targets.first().cloned(),
                None => Some(back.entity.clone()),
            });
            for name in other.into_iter().chain(item.suggest.clone()) {
                if !entities.contains(&name) {
                    entities.push(name);
                }
            }
        }
    }
}

/// The entities that people choose records of in the form of an entity: at the ends of its links, and of its rows' links.
fn linked(model: &Model, entity: &EntityModel) -> HashSet<String> {
    let of = |entity: &EntityModel| -> Vec<String> {
        let own = entity.own_fields().filter(|field| field.kind.is_link() && field.is_typed());
        own.flat_map(|field| field.targets.clone()).collect()
    };
    let rows = entity.lists().filter_map(|(_, list)| model.entity(&list.entity)).flat_map(|rows| of(rows));
    of(entity).into_iter().chain(rows).collect()
}

impl Session {
    /// The same request through the portal, with what is left of its rights there; `None` for who has no app of it and is
    /// at home inside.
    #[must_use]
    pub fn in_portal(&self) -> Option<Self> {
        let apps = apps::portal(self);
        if apps.is_empty() && !apps::is_outside(self) {
            return None;
        }
        let portal = Arc::new(Portal::of(self, apps));
        Some(self.narrowed(portal))
    }

    /// Without what belongs to the inside: administration, files of many records, writing many at once, sharing, destroying,
    /// masked values, and fields that the portal does not know.
    pub(crate) fn narrowed(&self, portal: Arc<Portal>) -> Self {
        let model = &self.model;
        let access = self.actor.access.narrowed(model.entities.keys().map(String::as_str), |name, access| {
            let EntityAccess { import, export, bulk, share, purge, reveal, fields, .. } = access;
            for verb in [import, export, bulk, share] {
                *verb = false;
            }
            *purge = Scope::None;
            reveal.clear();
            fields.extend(model.hidden_in_portal(name).into_iter().map(|field| (field, FieldRight::None)));
        });
        let actor = Actor { access: Arc::new(access), own: Arc::default(), ..(*self.actor).clone() };
        Self { actor: Arc::new(actor), portal: Some(portal), ..self.clone() }
    }
}

/// Whether what lies beside records is there for who asks: inside always, in the portal where an app says so.
pub fn has(session: &Session, beside: Beside) -> bool {
    session.portal.as_ref().is_none_or(|portal| portal.has(beside))
}
