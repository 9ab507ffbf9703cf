//! `POST admin/entities/{entity}`: what an entity is called and can do; `POST …/fields/{field}/position`: the order of its
//! fields; `GET …/relations/new`: the way to a link from another entity to this one.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::arranged;
use kontor_model::entity::HISTORY;
use kontor_model::{Json, Problem, Problems};

use super::as_read;
use super::draft::{Draft, text};
use super::entity::{EntityPath, draw};
use super::fields::FieldPath;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::settings::FEATURES;
use crate::present::flash;
use crate::visit::Reader;

/// What the page shows of the entity.
pub const SHOWN: [&str; 7] = ["title", "plural", "description", "icon", "display", "search", "features"];

/// The settings into the draft; 422 with what was typed when something is wrong.
pub async fn save_settings(
    reader: Reader,
    Path(path): Path<EntityPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    if sent.has("_icons") {
        return draw(&reader, &draft, &path.entity, "settings", &sent, &Problems::new()).await;
    }
    let mut problems = Problems::new();
    if sent.text("title").is_empty() {
        let label = reader.reading().t("entities.label_one");
        problems.push(Problem::at_field("required", "title").with("field", label));
    }
    if !sent.text("icon").is_empty() && !kontor_view::icon_names().iter().any(|one| one == sent.text("icon"))
    {
        problems.push(Problem::at_field("unknown_option", "icon").with("value", sent.text("icon")));
    }
    if problems.has_errors() {
        return draw(&reader, &draft, &path.entity, "settings", &sent, &problems).await;
    }
    let base = as_read::sent(&sent).unwrap_or_else(|| as_read::part(body, &SHOWN));
    let mine = changed(&as_read::with_part(body, &SHOWN, &base), &sent);
    let standing = as_read::part(body, &SHOWN);
    let settled = match as_read::settle(&base, &standing, &as_read::part(&mine, &SHOWN), &sent) {
        Ok(settled) => settled,
        Err((problems, sent)) => {
            return draw(&reader, &draft, &path.entity, "settings", &sent, &problems).await;
        }
    };
    let changed = as_read::with_part(body, &SHOWN, &settled);
    match draft.put(DefinitionKind::Entity, &path.entity, changed).await {
        Ok(()) => {
            let base = reader.reading().admin_href(&format!("entities/{}", address::segment(&path.entity)));
            let href = address::with_query(&base, [("tab", "settings")]);
            Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, &draft, &path.entity, "settings", &sent, &problems).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The definition with what the form says; what the form does not show stays.
fn changed(body: &Json, sent: &Form) -> Json {
    let mut changed = body.clone();
    let Some(object) = changed.as_object_mut() else { return changed };
    for key in ["title", "plural", "description", "icon", "display"] {
        match sent.text(key) {
            "" => {
                object.shift_remove(key);
            }
            own => {
                object.insert(key.to_owned(), own.into());
            }
        }
    }
    for key in ["search", "features"] {
        if !sent.has(key) {
            continue;
        }
        let offered: Vec<&str> = match key {
            "features" => FEATURES.to_vec(),
            _ => arranged(body).into_iter().map(|(name, _)| name).collect(),
        };
        let written = body.get(key).and_then(Json::as_array);
        let mut before: Vec<&str> = written.into_iter().flatten().filter_map(Json::as_str).collect();
        // Records have a history unless the features leave it out.
        let usual = key == "features" && written.is_none();
        if usual {
            before.push(HISTORY);
        }
        let ticked: Vec<&str> = sent.all(key).collect();
        // What was there keeps its order, and so does what the form does not offer.
        let mut list: Vec<&str> =
            before.into_iter().filter(|one| ticked.contains(one) || !offered.contains(one)).collect();
        let new: Vec<&str> = ticked.into_iter().filter(|one| !list.contains(one)).collect();
        list.extend(new);
        if usual && list == [HISTORY] {
            continue;
        }
        if list.is_empty() && key != "features" {
            object.shift_remove(key);
        } else {
            object.insert(key.to_owned(), list.into_iter().map(Json::from).collect());
        }
    }
    changed
}

/// `to`: `up`, `down`, `first` or `last`.
pub async fn move_field(
    reader: Reader,
    Path(path): Path<FieldPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let mut names: Vec<&str> = arranged(body).into_iter().map(|(name, _)| name).collect();
    let at = names.iter().position(|name| *name == path.field).ok_or_else(Failure::not_found)?;
    let to = match sent.text("to") {
        "up" => at.saturating_sub(1),
        "down" => (at + 1).min(names.len() - 1),
        "first" => 0,
        "last" => names.len() - 1,
        other => {
            let wrong = Problem::at_field("unknown_option", "to").with("value", other);
            return Err(Error::from(wrong).into());
        }
    };
    let moved = names.remove(at);
    names.insert(to, moved);
    let order: Json = names.into_iter().map(Json::from).collect();
    let mut changed = body.clone();
    if let Some(object) = changed.as_object_mut() {
        object.insert("order".to_owned(), order);
    }
    draft.put(DefinitionKind::Entity, &path.entity, changed).await?;
    let base = reader.reading().admin_href(&format!("entities/{}", address::segment(&path.entity)));
    Ok(reader.go_saying(&format!("{base}#field-{}", path.field), &flash::done("admin.saved_draft", &[])))
}

/// `GET …/relations/new?from=`: to the add-field page of the entity that will have the link.
pub async fn begin_relation(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let from = query.text("from");
    draft.demand(DefinitionKind::Entity, from)?;
    let reading = reader.reading();
    let own = reading.admin_href(&format!("entities/{}", address::segment(&path.entity)));
    let form = reading.admin_href(&format!("entities/{}/fields/new", address::segment(from)));
    let back = address::with_query(&own, [("tab", "relations")]);
    let title = reading.label(DefinitionKind::Entity, &path.entity, "title", text(body, "title"));
    let pairs =
        [("kind", "link"), ("to", path.entity.as_str()), ("title", title.as_str()), ("back", back.as_str())];
    Ok(reader.go(&address::with_query(&form, pairs)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_keep_what_the_form_does_not_show() {
        let body = json!({ "title": "A", "icon": "x", "key": "a", "properties": { "a": {}, "b": {} },
            "search": ["site.name", "b"], "features": ["history"] });
        let sent = Form(address::pairs(
            b"title=B&plural=&icon=star&display=a&search=&search=a&features=&features=files&features=history",
        ));
        let after = changed(&body, &sent);
        assert_eq!(
            after,
            json!({ "title": "B", "icon": "star", "key": "a", "properties": { "a": {}, "b": {} },
                "search": ["site.name", "a"], "features": ["history", "files"], "display": "a" })
        );
        // The history goes when it is left out, and is there when nothing is said.
        let plain = json!({ "title": "A" });
        let sent = |ticked: &[u8]| changed(&plain, &Form(address::pairs(ticked))).get("features").cloned();
        assert_eq!(sent(b"title=A&features=&features=history"), None);
        assert_eq!(sent(b"title=A&features="), Some(json!([])));
        assert_eq!(
            sent(b"title=A&features=&features=files&features=history"),
            Some(json!(["history", "files"]))
        );
        assert_eq!(
            changed(&after, &Form(address::pairs(b"title=B&search="))).get("search"),
            Some(&json!(["site.name"]))
        );
    }
}
