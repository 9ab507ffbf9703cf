//! The reader's draft: definitions as they would be after publishing, and how they stand against what is published.

use kontor_core::Session;
use kontor_core::definitions::layers::WORKSPACE;
use kontor_core::definitions::{self, change_sets, drafts};
use kontor_core::error::{Error, Result};
use kontor_core::permissions::demand_admin;
use kontor_core::rows::ChangeRow;
use kontor_model::Json;
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_view::page::admin::DraftState;
use uuid::Uuid;

use crate::present::Reading;

/// The reader's open change set, as far as there is one.
pub struct Draft<'a> {
    session: &'a Session,
    /// Its id.
    pub id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// What it changes.
    pub changes: Vec<ChangeRow>,
}

impl<'a> Draft<'a> {
    /// Reads it; refuses who may not design.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn open(session: &'a Session) -> Result<Self> {
        demand_admin(session, definitions::DESIGN)?;
        let Some(id) = drafts::find_own(session).await? else {
            return Ok(Self { session, id: None, title: String::new(), changes: Vec::new() });
        };
        Self::of(session, id).await
    }

    /// Any open change set.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn of(session: &'a Session, id: Uuid) -> Result<Self> {
        let (set, changes) = change_sets::get(session, id).await?;
        Ok(Self { session, id: Some(id), title: set.title, changes })
    }

    /// What is published, without anything of the draft.
    pub fn published(session: &'a Session) -> Self {
        Self { session, id: None, title: String::new(), changes: Vec::new() }
    }

    /// All published definitions of a kind, whatever the draft makes of them.
    pub fn standing(&self, kind: DefinitionKind) -> impl Iterator<Item = (&'a str, &'a Json)> {
        self.session.model.definitions_of(kind)
    }

    fn change(&self, kind: DefinitionKind, name: &str) -> Option<&ChangeRow> {
        self.changes.iter().find(|change| change.kind == kind.as_str() && change.name == name)
    }

    /// The definition as it would be; `None` when there is none, or the draft removes it.
    pub fn definition(&self, kind: DefinitionKind, name: &str) -> Option<&Json> {
        match self.change(kind, name) {
            Some(change) => change.body.as_ref(),
            None => self.session.model.definition(kind, name),
        }
    }

    /// The same, or 404.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn demand(&self, kind: DefinitionKind, name: &str) -> Result<&Json> {
        self.definition(kind, name).ok_or(Error::NotFound)
    }

    /// How a definition stands against what is published.
    pub fn state(&self, kind: DefinitionKind, name: &str) -> DraftState {
        match self.change(kind, name) {
            None => DraftState::Same,
            Some(change) if change.body.is_none() => DraftState::Removed,
            Some(_) if self.session.model.definition(kind, name).is_none() => DraftState::New,
            Some(_) => DraftState::Changed,
        }
    }

    /// Puts a definition into the draft, which is begun when there is none. It was made of what is here: what somebody put
    /// there since this was read stays wherever only they changed something.
    ///
    /// # Errors
    /// [`Error::Problems`] with pointers into the definition.
    pub async fn put(&self, kind: DefinitionKind, name: &str, body: Json) -> Result<()> {
        let wanted = Some(body.to_string());
        let is = |known: Option<&Json>| known.map(Json::to_string) == wanted;
        // Nothing was changed: there is nothing to keep, and no draft to begin for it.
        if is(self.definition(kind, name)) {
            return Ok(());
        }
        let id = drafts::own(self.session).await?;
        change_sets::put_read_as(self.session, id, (kind, name), self.definition(kind, name), body).await?;
        // What is again as it is published is no change.
        let (_, changes) = change_sets::get(self.session, id).await?;
        let own = changes.iter().find(|change| change.kind == kind.as_str() && change.name == name);
        let text = |json: &Option<Json>| json.as_ref().map(Json::to_string);
        if own.is_some_and(|change| change.body.is_some() && text(&change.body) == text(&change.base)) {
            change_sets::discard(self.session, id, kind, name).await?;
        }
        Ok(())
    }

    /// The name of another definition of the kind that is called the same: two that read alike cannot be told apart.
    pub fn same_title(&self, kind: DefinitionKind, title: &str, own: &str) -> Option<&str> {
        let fold = kontor_model::value::fold;
        let wanted = fold(title.trim());
        let mut others = self.all(kind).into_iter().filter(|(name, _)| *name != own);
        let is_same = |json: &Json| !wanted.is_empty() && fold(text(json, "title")) == wanted;
        others.find(|(_, json)| is_same(json)).map(|(name, _)| name)
    }

    /// All definitions of a kind as they would be, by name; removed ones are there as published, so that they can be seen.
    pub fn all(&self, kind: DefinitionKind) -> Vec<(&str, &Json)> {
        let mut found: Vec<(&str, &Json)> = self
            .session
            .model
            .definitions_of(kind)
            .map(|(name, published)| (name, self.definition(kind, name).unwrap_or(published)))
            .collect();
        for change in self.changes.iter().filter(|change| change.kind == kind.as_str()) {
            if let (Some(body), None) = (&change.body, self.session.model.definition(kind, &change.name)) {
                found.push((&change.name, body));
            }
        }
        found.sort_by_key(|(name, _)| *name);
        found
    }
}

/// Puts a definition into the draft, which is begun when there is none.
///
/// # Errors
/// [`Error::Problems`] with pointers into the definition.
pub async fn put(session: &Session, kind: DefinitionKind, name: &str, body: Json) -> Result<()> {
    let id = drafts::own(session).await?;
    change_sets::put(session, id, kind, name, body).await
}

/// Where a definition was made, in the reader's words, and whether the workspace says something of it too.
pub fn layer(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    layer_of(reading, kind, name, "")
}

/// Where a definition was made, without what others made of it.
pub fn made_in(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    let layers = reading.session.workspace.layers();
    layer_title(reading, sayers(&layers.sets, kind, name, "").first().copied())
}

/// The same for a part of a definition, at a JSON pointer that means the same in every layer.
pub fn layer_of(reading: &Reading<'_>, kind: DefinitionKind, name: &str, pointer: &str) -> String {
    let layers = reading.session.workspace.layers();
    let sayers = sayers(&layers.sets, kind, name, pointer);
    let made = layer_title(reading, sayers.first().copied());
    if sayers.len() > 1 && sayers.last() == Some(&WORKSPACE) {
        return format!("{made} · {}", reading.t("admin.layer_changed"));
    }
    made
}

/// The layers that say something, from the one that made it.
fn sayers<'l>(
    layers: &'l [(String, DefinitionSet)],
    kind: DefinitionKind,
    name: &str,
    pointer: &str,
) -> Vec<&'l str> {
    let id = (kind, name.to_owned());
    let says = |set: &DefinitionSet| {
        set.get(&id).and_then(|json| json.pointer(pointer)).is_some_and(|json| !json.is_null())
    };
    layers.iter().filter(|(_, set)| says(set)).map(|(layer, _)| layer.as_str()).collect()
}

/// What a layer is called; `None` for what is in no layer yet.
pub fn layer_title(reading: &Reading<'_>, layer: Option<&str>) -> String {
    match layer {
        None => String::new(),
        Some("engine") => reading.t("admin.layer_built_in"),
        Some(WORKSPACE) => reading.t("admin.layer_workspace"),
        Some(pack) => pack_title(reading, pack),
    }
}

/// What a pack calls itself; its name while it is not installed.
fn pack_title(reading: &Reading<'_>, pack: &str) -> String {
    let layers = reading.session.workspace.layers();
    let found = layers.packs.iter().find(|one| one.name == pack).map(|one| text(&one.body, "title"));
    found.filter(|title| !title.is_empty()).unwrap_or(pack).to_owned()
}

/// A text of a definition.
pub fn text<'j>(json: &'j Json, key: &str) -> &'j str {
    json.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// All roles to tick, those that are chosen ticked.
pub fn roles(reading: &Reading<'_>, chosen: &[&str]) -> Vec<kontor_view::field::OptionView> {
    reading
        .session
        .model
        .definitions_of(DefinitionKind::Role)
        .map(|(name, json)| {
            let title = reading.definition_title(DefinitionKind::Role, name, json);
            kontor_view::field::OptionView::new(name, title, chosen.contains(&name))
        })
        .collect()
}
