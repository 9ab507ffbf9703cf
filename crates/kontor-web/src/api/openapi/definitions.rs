//! The calls on definitions: reading them, changing them, packs, versions.

use kontor_model::Json;
use serde_json::{Map, json};

use super::{answering, body_of, in_path, in_query, operation, schema_of, taking, with_parameters};

/// The calls.
#[expect(clippy::too_many_lines, reason = "a list of addresses")]
pub fn paths() -> Map<String, Json> {
    let list = || ("200", body_of("A list", &schema_of("list")));
    let any = || ("200", body_of("The answer", &json!({ "type": "object" })));
    let object = json!({ "type": "object" });
    let get =
        |id: &str, tag: &str, summary: &str, success| Json::Object(operation(id, tag, summary, success));
    let version = || {
        (
            "200",
            body_of(
                "The version",
                &json!({ "type": "object", "required": ["version"], "properties": { "version": { "type": "integer" } } }),
            ),
        )
    };
    let kind_and_name = json!([in_path("kind"), in_path("name")]);
    let mut paths = Map::new();
    let mut add = |path: &str, item: Json| {
        paths.insert(path.to_owned(), item);
    };
    add(
        "/definitions/{kind}",
        json!({ "parameters": [in_path("kind")], "get": get("list_definitions", "definitions", "Effective definitions of a kind", list()) }),
    );
    add(
        "/definitions/{kind}/{name}",
        json!({ "parameters": kind_and_name, "get": with_parameters(get("definition", "definitions", "An effective definition", any()), json!([
            in_query("layer", "As one layer has it: the name of a pack, or workspace"),
            in_query("origin", "With where each value comes from") ])) }),
    );
    let created = ("201", body_of("The change set", &schema_of("created")));
    add(
        "/changes",
        json!({
            "get": get("list_changes", "changes", "Open change sets", list()),
            "post": taking(operation("open_change_set", "changes", "Open a change set", created), &json!({ "type": "object", "properties": { "title": { "type": "string" } } })),
        }),
    );
    let one = json!([in_path("id")]);
    add(
        "/changes/{id}",
        json!({
            "parameters": one,
            "get": get("change_set", "changes", "A change set", any()),
            "delete": Json::Object(operation("discard", "changes", "Throw a change set away", ("204", json!({ "description": "Done" })))),
        }),
    );
    add(
        "/changes/{id}/plan",
        json!({ "parameters": one, "get": get("plan", "changes", "What publishing would do", any()) }),
    );
    add(
        "/changes/{id}/publish",
        json!({
            "parameters": one,
            "post": publishing(taking(operation("publish", "changes", "Publish a change set", version()), &accepting())),
        }),
    );
    add(
        "/changes/{id}/rename-uses",
        json!({ "parameters": one, "post": Json::Object(operation("rename_uses", "changes", "Let everything follow the new names of a change set", any())) }),
    );
    add(
        "/changes/{id}/options",
        json!({ "parameters": one, "post": taking(operation("add_options", "changes", "Make options of the values that a field holds", any()), &object) }),
    );
    add(
        "/changes/{id}/keep",
        json!({ "parameters": one, "post": taking(operation("keep_mine", "changes", "Put a change on top of what others published", ("204", json!({ "description": "Done" }))), &object) }),
    );
    add(
        "/publications/{id}",
        json!({
            "parameters": one,
            "get": get("publication", "changes", "How far a publication is that takes a while", any()),
            "delete": Json::Object(operation("cancel_publication", "changes", "Stop a publication", ("204", json!({ "description": "Done" })))),
        }),
    );
    add(
        "/changes/{id}/{kind}/{name}",
        json!({
            "parameters": [in_path("id"), in_path("kind"), in_path("name")],
            "put": answering(taking(operation("put_definition", "changes", "Put a full definition", any()), &object), &["409"]),
            "delete": Json::Object(operation("remove_definition", "changes", "Remove a definition", ("204", json!({ "description": "Done" })))),
        }),
    );
    add("/versions", json!({ "get": get("versions", "changes", "Published versions", list()) }));
    add(
        "/versions/{n}/diff",
        json!({ "parameters": [in_path("n")], "get": with_parameters(get("version_diff", "changes", "What lies between two versions", list()), json!([
            { "name": "with", "in": "query", "required": true, "description": "The number of the other version", "schema": { "type": "integer" } } ])) }),
    );
    add("/parked", json!({ "get": get("parked", "changes", "What no definition names any more", list()) }));
    add(
        "/parked/purge",
        json!({ "post": taking(operation("purge", "changes", "Drop parked values for good", any()), &object) }),
    );
    add(
        "/versions/{n}/restore",
        json!({ "parameters": [in_path("n")], "post": publishing(taking(operation("restore_version", "changes", "Publish the state after a version again", version()), &json!({
            "type": "object", "properties": { "without_purged": { "type": "boolean", "description": "Go on although values were dropped for good" } } }))) }),
    );
    add(
        "/changes/files",
        json!({ "post": taking(operation("bring_in", "changes", "Bring in a change set of another workspace", ("201", body_of("The change set", &schema_of("created")))), &object) }),
    );
    add(
        "/changes/{id}/file",
        json!({ "parameters": one, "get": get("change_file", "changes", "A change set as it is carried to another workspace", any()) }),
    );
    add(
        "/changes/{id}/rehearsal",
        json!({ "parameters": one, "post": Json::Object(operation("rehearse", "changes", "Publish on a copy, and tell what came of it", any())) }),
    );
    let name = json!([in_path("name")]);
    add("/packs", json!({ "get": get("packs", "changes", "Packs that are installed, or can be", list()) }));
    add(
        "/packs/{name}",
        json!({
            "parameters": name,
            "post": answering(taking(operation("bring_pack", "changes", "Install or upgrade a pack", version()), &json!({
                "type": "object", "properties": {
                    "use": { "type": "object", "additionalProperties": { "enum": ["theirs", "ours"] }, "description": "Whose side counts, by the place of each conflict" },
                    "accept_loss": { "type": "boolean" } } })), &["409"]),
            "delete": answering(with_parameters(Json::Object(operation("remove_pack", "changes", "Remove a pack", version())), json!([
                in_query("accept_loss", "Go on although values are parked"), in_query("prune", "With what the workspace made of it") ])), &["409"]),
        }),
    );
    add(
        "/packs/{name}/plan",
        json!({
            "parameters": name,
            "get": with_parameters(get("pack_plan", "changes", "What a change of a pack would do", any()), json!([
                in_query("remove", "Of removing it"), in_query("prune", "With what the workspace made of it") ])),
        }),
    );
    paths
}

/// What publishing may be told.
fn accepting() -> Json {
    json!({ "type": "object", "properties": {
        "accept_loss": { "type": "boolean", "description": "Go on although values are parked" } } })
}

/// Publishing may be refused, because others published meanwhile or values would be lost, and may take a while.
fn publishing(operation: Json) -> Json {
    let mut operation = answering(operation, &["409"]);
    let began = json!({ "type": "object", "required": ["publication"], "properties": { "publication": { "type": "string", "format": "uuid" } } });
    if let Some(body) = operation.get_mut("requestBody").and_then(Json::as_object_mut) {
        body.insert("required".into(), false.into());
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Json::as_object_mut) {
        responses.insert("202".into(), body_of("It goes on: `publications/{id}` says how far it is", &began));
    }
    operation
}
