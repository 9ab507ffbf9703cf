//! Which columns a query asks for: what is wanted, and beside every link the id and title of what it reaches, so
//! that one statement answers a page.

use kontor_model::filter::{FieldPath, Hop};
use kontor_model::{EntityModel, FieldModel, Model, Value};

use super::view::Titles;
use crate::Session;

/// The columns of a query, with what accompanies them.
#[derive(Debug)]
pub struct Selection {
    /// What the query asks for: the wanted columns first.
    pub paths: Vec<FieldPath>,
    wanted: usize,
    links: Vec<LinkColumns>,
    /// Wanted columns that are `any_link`s; their titles are looked up afterwards.
    pub any_links: Vec<usize>,
}

#[derive(Debug)]
struct LinkColumns {
    column: usize,
    id: usize,
    title: usize,
}

/// The field at the end of a path.
pub fn field_of<'a>(model: &'a Model, path: &FieldPath) -> Option<&'a FieldModel> {
    model.entity(&path.entity)?.fields.get(path.field)
}

/// All fields of the entity itself for which `wanted` holds.
pub fn own_paths(entity: &EntityModel, wanted: impl Fn(usize) -> bool) -> Vec<FieldPath> {
    entity
        .fields
        .iter()
        .filter(|field| wanted(field.index))
        .map(|field| FieldPath::own(entity.name.clone(), field.index))
        .collect()
}

impl Selection {
    /// The wanted columns and their company. Links to what the reader may not see at all have none, and so come
    /// back as hidden.
    pub fn new(session: &Session, wanted: Vec<FieldPath>) -> Self {
        let model = &session.model;
        let mut selection =
            Self { wanted: wanted.len(), paths: wanted, links: Vec::new(), any_links: Vec::new() };
        for column in 0..selection.wanted {
            let Some(path) = selection.paths.get(column).cloned() else { continue };
            let Some(field) = field_of(model, &path) else { continue };
            if !field.kind.is_link() {
                continue;
            }
            match field.targets.as_slice() {
                [to] if !field.kind.names_entity() => {
                    let Some(target) = model.entity(to) else { continue };
                    let access = session.actor.access.entity(to);
                    if matches!(access.read, kontor_model::access::Scope::None) {
                        continue;
                    }
                    let mut hops = path.hops.clone();
                    hops.push(Hop { entity: path.entity.clone(), field: path.field, to: to.clone() });
                    let id = selection.paths.len();
                    selection.paths.push(FieldPath { hops: hops.clone(), entity: to.clone(), field: 0 });
                    let display = target.display_field();
                    let readable = crate::permissions::field_right(access, target, display)
                        > kontor_model::access::FieldRight::None;
                    let title = if readable {
                        selection.paths.push(FieldPath { hops, entity: to.clone(), field: target.display });
                        id + 1
                    } else {
                        id
                    };
                    selection.links.push(LinkColumns { column, id, title });
                }
                _ => selection.any_links.push(column),
            }
        }
        selection
    }

    /// Takes a row apart: the wanted values (a link to something unseen is empty), the titles, and which of the
    /// wanted columns hold something unseen.
    pub fn split(
        &self,
        session: &Session,
        mut row: Vec<Value>,
        titles: &mut Titles,
    ) -> (Vec<Value>, Vec<usize>) {
        let mut hidden = Vec::new();
        let company = row.split_off(self.wanted.min(row.len()));
        let mut seen = vec![false; row.len()];
        for link in &self.links {
            let at = |index: usize| company.get(index.wrapping_sub(self.wanted)).unwrap_or(&Value::Empty);
            let Some(id) = at(link.id).as_id() else { continue };
            if let Some(flag) = seen.get_mut(link.column) {
                *flag = true;
            }
            if let (Some(path), value) = (self.paths.get(link.title), at(link.title)) {
                let title = match (field_of(&session.model, path), value) {
                    (Some(field), value) if !value.is_empty() => {
                        field.kind.title(field, value, session.actor.zone)
                    }
                    _ => id.to_string(),
                };
                titles.insert(id, title);
            }
        }
        for (column, value) in row.iter_mut().enumerate() {
            let Some(path) = self.paths.get(column) else { continue };
            let is_link = field_of(&session.model, path).is_some_and(|field| field.kind.is_link());
            let known = seen.get(column).copied().unwrap_or(false) || self.any_links.contains(&column);
            if is_link && !known && !value.is_empty() {
                hidden.push(column);
                *value = Value::Empty;
            }
        }
        (row, hidden)
    }
}
