//! The link by which rows are reached: the one that is there, or one that is made in the same draft, if need be with the
//! entity that has it.

use kontor_core::definitions::{change_sets, drafts};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, name};
use serde_json::json;

use super::draft::{Draft, text};
use crate::extract::form::Form;
use crate::present::Reading;
use crate::present::admin::facet_choices;
use crate::present::admin::facets::{self, NEW_ENTITY, NEW_TITLE};
use crate::visit::Reader;

const KIND: DefinitionKind = DefinitionKind::Entity;

/// Names the link of the rows where the form left that open. What has to be made comes back: the other entity's name and
/// its definition.
///
/// # Errors
/// When there are several links, or the new entity has no title or one that is taken.
pub fn settle(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    parent: &str,
    field: &mut Json,
    sent: &Form,
) -> Result<Option<(String, Json)>, Problem> {
    let (to, by) = (text(field, "to").to_owned(), text(field, "by").to_owned());
    let (other, mut body) = if to == NEW_ENTITY {
        begun(reading, draft, sent)?
    } else {
        let Some(body) = draft.definition(KIND, &to) else { return Ok(None) };
        (to.clone(), body.clone())
    };
    let links: Vec<&str> = facet_choices::links_to(&body, parent);
    let found = match (by.as_str(), links.as_slice()) {
        ("", [only]) => Some((*only).to_owned()),
        ("", []) => None,
        ("", several) => {
            let problem = Problem::at_field("rows_which", "by").with("options", several.join(", "));
            return Err(problem.with("entity", other).with("parent", parent));
        }
        _ => return Ok(None),
    };
    let is_known = found.is_some();
    let by = found.unwrap_or_else(|| link(reading, draft, parent, &mut body));
    if let Some(object) = field.as_object_mut() {
        object.insert("to".into(), other.clone().into());
        object.insert("by".into(), by.into());
    }
    Ok((!is_known).then_some((other, body)))
}

/// A new entity with its title field.
fn begun(reading: &Reading<'_>, draft: &Draft<'_>, sent: &Form) -> Result<(String, Json), Problem> {
    let title = sent.text(NEW_TITLE);
    if title.is_empty() {
        let label = reading.t("field_editor.facet_new_title");
        return Err(Problem::at_field("required", NEW_TITLE).with("field", label));
    }
    if let Some(other) = draft.same_title(KIND, title, "") {
        return Err(Problem::at_field("entity_taken", NEW_TITLE).with("entity", other));
    }
    let name = name::derive(title, |name| draft.definition(KIND, name).is_some());
    let body = super::entities::begun(reading, &name, title, title, "");
    Ok((name, body))
}

/// Adds the link to the parent: rows go with what they belong to.
fn link(reading: &Reading<'_>, draft: &Draft<'_>, parent: &str, body: &mut Json) -> String {
    let title = draft
        .definition(KIND, parent)
        .map_or_else(|| parent.to_owned(), |json| reading.definition_title(KIND, parent, json));
    let is_taken = |name: &str| body.pointer(&format!("/properties/{name}")).is_some();
    let by = name::derive(parent, is_taken);
    let field = json!({ "kind": facets::ONE_LINK, "title": title, "to": parent, "on_delete": "cascade" });
    if let Some(fields) = body.get_mut("properties").and_then(Json::as_object_mut) {
        fields.insert(by.clone(), field);
    }
    by
}

/// Takes what was made for rows out of the draft again, when the rows themselves were refused.
///
/// # Errors
/// When the database does not answer.
pub async fn put_link_back(reader: &Reader, draft: &Draft<'_>, other: &str) -> kontor_core::Result<()> {
    let session = &reader.session;
    let id = drafts::own(session).await?;
    match draft.changes.iter().find(|change| change.kind == KIND.as_str() && change.name == other) {
        Some(change) => match &change.body {
            Some(body) => change_sets::put(session, id, KIND, other, body.clone()).await,
            None => Ok(()),
        },
        None => change_sets::discard(session, id, KIND, other).await,
    }
}
