//! The calls on one entity's records.

use kontor_model::{EntityModel, Json};
use serde_json::{Map, json};

use super::{
    answering, body_of, in_path, in_query, may_take, operation, or_nothing, schema_of, taking,
    with_parameters,
};

/// Adds the calls of an entity.
pub fn add(paths: &mut Map<String, Json>, entity: &EntityModel) {
    let name = entity.name.as_str();
    let record = schema_of(name);
    let input = schema_of(&format!("{name}_input"));
    let changes = schema_of(&format!("{name}_changes"));
    // `fields` says which of them there are, paths through links too.
    let item = json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "string", "format": "uuid" } },
        "description": format!("Fields of {name}, and of what it links to") });
    let many = json!({
        "type": "object",
        "properties": { "data": { "type": "array", "items": item }, "page": schema_of("page") },
        "required": ["data", "page"],
    });
    let base = format!("/records/{name}");
    let op = |verb: &str, summary: &str, success: (&str, Json)| {
        operation(&format!("{verb}_{name}"), name, summary, success)
    };
    let refer = |list: &[&str]| -> Json {
        list.iter()
            .map(|name| json!({ "$ref": format!("#/components/parameters/{name}") }))
            .collect::<Vec<_>>()
            .into()
    };
    let read = Json::Object(op(
        "list",
        &format!("List {}", entity.plural),
        ("200", body_of("A page of records", &many)),
    ));
    let create = taking(
        op("create", &format!("Create {}", entity.title), ("201", body_of("The new record", &record))),
        &input,
    );
    paths.insert(
        base.clone(),
        json!({
            "get": with_parameters(read, refer(&["sort", "fields", "limit", "after", "count", "q", "filter"])),
            "post": with_parameters(create, refer(&["warnings"])),
        }),
    );
    let one = json!({ "parameters": [in_path("id")] });
    let mut item = one.as_object().cloned().unwrap_or_default();
    item.insert(
        "get".into(),
        Json::Object(op("get", &format!("Read {}", entity.title), ("200", body_of("The record", &record)))),
    );
    let update = taking(
        op("update", &format!("Change {}", entity.title), ("200", body_of("The record", &record))),
        &changes,
    );
    item.insert("patch".into(), with_parameters(conflicting(update), refer(&["if_match", "warnings"])));
    let delete = Json::Object(op(
        "delete",
        &format!("Put {} into the bin", entity.title),
        ("204", json!({ "description": "Done" })),
    ));
    item.insert("delete".into(), with_parameters(conflicting(delete), refer(&["if_match", "purge"])));
    paths.insert(format!("{base}/{{id}}"), Json::Object(item));
    beside(paths, entity, &base);
    computed(paths, entity, &base);
}

/// What a record has beside its values: the bin, a history, files.
fn beside(paths: &mut Map<String, Json>, entity: &EntityModel, base: &str) {
    let name = entity.name.as_str();
    let record = schema_of(name);
    let op = |verb: &str, summary: &str, success: (&str, Json)| {
        operation(&format!("{verb}_{name}"), name, summary, success)
    };
    let restored = op(
        "restore",
        &format!("Take {} out of the bin", entity.title),
        ("200", body_of("The record", &record)),
    );
    paths
        .insert(format!("{base}/{{id}}/restore"), json!({ "parameters": [in_path("id")], "post": restored }));
    let merged = op(
        "merge",
        &format!("Another {} becomes one with this one, and goes to the bin", entity.title),
        ("200", body_of("The record that stays", &record)),
    );
    let merging = json!({ "type": "object", "required": ["from"], "additionalProperties": false, "properties": {
        "from": { "type": "string", "format": "uuid" },
        "fields": { "type": "object", "additionalProperties": { "enum": ["keep", "take", "fill"] } } } });
    paths.insert(
        format!("{base}/{{id}}/merge"),
        json!({ "parameters": [in_path("id")], "post": taking(merged, &merging) }),
    );
    let history = op(
        "history",
        &format!("Changes of {}", entity.title),
        ("200", body_of("Revisions, latest first", &schema_of("list"))),
    );
    paths.insert(format!("{base}/{{id}}/history"), json!({ "parameters": [in_path("id")], "get": history }));
    let drawer =
        op("files", &format!("Files of {}", entity.title), ("200", body_of("The files", &schema_of("list"))));
    let put_in = op("add_file", "Add a file", ("201", body_of("The file", &schema_of("file"))));
    paths.insert(
        format!("{base}/{{id}}/files"),
        json!({ "parameters": [in_path("id")], "get": drawer, "post": super::general::file_body(put_in) }),
    );
    let taken = op("remove_file", "Take a file away", ("204", json!({ "description": "Done" })));
    paths.insert(
        format!("{base}/{{id}}/files/{{file}}"),
        json!({ "parameters": [in_path("id"), in_path("file")], "delete": taken }),
    );
}

/// Calls that work something out, write many records, or do what the definitions say.
fn computed(paths: &mut Map<String, Json>, entity: &EntityModel, base: &str) {
    let name = entity.name.as_str();
    let record = schema_of(name);
    let input = schema_of(&format!("{name}_input"));
    let changes = schema_of(&format!("{name}_changes"));
    let op = |verb: &str, summary: &str, success: (&str, Json)| {
        operation(&format!("{verb}_{name}"), name, summary, success)
    };
    let preview = taking(
        op(
            "preview",
            "The save without saving",
            ("200", body_of("The record as it would be", &schema_of(&format!("{name}_preview")))),
        ),
        &with_id(&changes),
    );
    paths.insert(format!("{base}/preview"), json!({ "post": preview }));
    let bulk = taking(
        op(
            "bulk",
            &format!("Write many {}", entity.plural),
            ("200", body_of("What became of each", &schema_of("bulk_results"))),
        ),
        &bulk_of(&input, &changes),
    );
    paths.insert(format!("{base}/bulk"), json!({ "post": bulk }));
    sharing(paths, entity, base);
    said(paths, entity, base);
    let shown = json!({ "type": "object", "properties": { "field": { "type": "string" }, "value": {} } });
    let reveal = taking(
        op(
            "reveal",
            "Show a masked value once, which the history tells",
            ("200", body_of("The value", &shown)),
        ),
        &json!({ "type": "object", "required": ["field"], "additionalProperties": false, "properties": {
            "field": { "type": "string" },
            "reason": { "type": ["string", "null"], "description": "Why; some roles must say it" },
        } }),
    );
    paths.insert(format!("{base}/{{id}}/reveal"), json!({ "parameters": [in_path("id")], "post": reveal }));
    let moved = taking(op("move", "Move to a stage", ("200", body_of("The record", &record))), &changes);
    paths.insert(
        format!("{base}/{{id}}/transitions/{{stage}}"),
        json!({ "parameters": [in_path("id"), in_path("stage")], "post": moved }),
    );
    let items = json!({ "type": "object", "required": ["data"], "properties": { "data": {
        "type": "array", "items": { "type": "object", "properties": {
            "name": { "type": "string" }, "title": { "type": "string" }, "required": { "type": "boolean" },
            "stage": { "type": ["string", "null"] }, "done": { "type": "boolean" },
            "by": { "type": ["string", "null"] }, "at": { "type": ["string", "null"], "format": "date-time" } } } } } });
    let of_field = in_query(
        "field",
        "The field whose options are stages; that of the first process when it is not said",
    );
    paths.insert(
        format!("{base}/{{id}}/checklist"),
        json!({ "parameters": [in_path("id"), of_field],
            "get": op("checklist", "The checklist of the stage", ("200", body_of("Its items", &items))) }),
    );
    paths.insert(
        format!("{base}/{{id}}/checklist/{{item}}"),
        json!({ "parameters": [in_path("id"), in_path("item"), of_field],
            "put": op("tick", "Tick an item", ("200", body_of("All items", &items))),
            "delete": op("untick", "Take a tick back", ("200", body_of("All items", &items))) }),
    );
    let acted = acting(
        op("act", "Run an action", ("200", body_of("The record", &record))),
        &json!({ "type": "object" }),
    );
    paths.insert(
        format!("{base}/{{id}}/actions/{{name}}"),
        json!({ "parameters": [in_path("id"), in_path("name")], "post": acted }),
    );
}

/// A call that runs an action, with what it takes.
pub fn acting(operation: Map<String, Json>, inputs: &Json) -> Json {
    let warnings = json!([{ "$ref": "#/components/parameters/warnings" }]);
    let acted = with_parameters(may_take(operation, inputs), warnings);
    or_nothing(acted, "Done; the caller does not see the record any more")
}

/// What people say of records, and following them.
fn said(paths: &mut Map<String, Json>, entity: &EntityModel, base: &str) {
    let name = entity.name.as_str();
    let op = |verb: &str, summary: &str, success: (&str, Json)| {
        operation(&format!("{verb}_{name}"), name, summary, success)
    };
    let none = || ("204", json!({ "description": "Done" }));
    let shape = json!({ "type": "object", "required": ["body"], "additionalProperties": false,
        "properties": { "body": { "type": "string", "maxLength": 10000 } } });
    let said = json!({ "type": "object", "required": ["id", "body", "at"], "properties": {
        "id": { "type": "string", "format": "uuid" },
        "body": { "type": ["string", "null"], "description": "Nothing, when it was taken back" },
        "by": { "type": ["object", "null"], "properties": {
            "id": { "type": "string", "format": "uuid" }, "title": { "type": ["string", "null"] } } },
        "at": { "type": "string", "format": "date-time" },
        "edited_at": { "type": ["string", "null"], "format": "date-time" },
        "deleted_at": { "type": ["string", "null"], "format": "date-time" } } });
    let list = op("comments", "What was said of it", ("200", body_of("The comments", &schema_of("list"))));
    let list = with_parameters(Json::Object(list), json!([{ "$ref": "#/components/parameters/limit" }]));
    let add = taking(op("comment", "Say something", ("201", body_of("The comment", &said))), &shape);
    paths.insert(
        format!("{base}/{{id}}/comments"),
        json!({ "parameters": [in_path("id")], "get": list, "post": add }),
    );
    let edit =
        taking(op("edit_comment", "Change what one said", ("200", body_of("The comment", &said))), &shape);
    let gone = op("remove_comment", "Take back what one said", none());
    paths.insert(
        format!("{base}/{{id}}/comments/{{comment}}"),
        json!({ "parameters": [in_path("id"), in_path("comment")], "patch": edit, "delete": gone }),
    );
    let follow = op("follow", "Follow the record", none());
    let end = op("unfollow", "Follow it no more", none());
    paths.insert(
        format!("{base}/{{id}}/follow"),
        json!({ "parameters": [in_path("id")], "put": follow, "delete": end }),
    );
}

/// With whom records are shared by hand.
fn sharing(paths: &mut Map<String, Json>, entity: &EntityModel, base: &str) {
    let name = entity.name.as_str();
    let op = |verb: &str, summary: &str, success: (&str, Json)| {
        operation(&format!("{verb}_{name}"), name, summary, success)
    };
    let share = json!({ "type": "object", "required": ["with"], "properties": {
        "with": { "type": "object", "required": ["entity", "id"], "properties": {
            "entity": { "enum": kontor_core::sharing::PEOPLE }, "id": { "type": "string" } } },
        "right": { "enum": ["read", "edit"] },
        "until": { "type": ["string", "null"], "format": "date", "description": "The last day" },
    } });
    let list =
        op("shares", "With whom the record is shared", ("200", body_of("The shares", &schema_of("list"))));
    let shared = json!({ "type": "object", "required": ["id", "with", "right"], "properties": {
        "id": { "type": "string", "format": "uuid" },
        "with": { "type": "object", "properties": { "entity": { "enum": kontor_core::sharing::PEOPLE },
            "id": { "type": "string", "format": "uuid" }, "title": { "type": ["string", "null"] } } },
        "right": { "enum": ["read", "edit"] },
        "until": { "type": ["string", "null"], "format": "date" },
        "by": {}, "at": { "type": "string", "format": "date-time" } } });
    let add = taking(op("share", "Share the record", ("201", body_of("The share", &shared))), &share);
    paths.insert(
        format!("{base}/{{id}}/shares"),
        json!({ "parameters": [in_path("id")], "get": list, "post": add }),
    );
    let end =
        op("unshare", "Share it no more", ("204", json!({ "description": "It is not shared any more" })));
    paths.insert(
        format!("{base}/{{id}}/shares/{{share}}"),
        json!({ "parameters": [in_path("id"), in_path("share")], "delete": end }),
    );
}

/// The record that is meant, beside the values that would change.
fn with_id(changes: &Json) -> Json {
    json!({ "anyOf": [changes, { "type": "object", "required": ["id"], "properties": { "id": { "type": ["string", "null"] } } }] })
}

/// Many at once.
fn bulk_of(input: &Json, changes: &Json) -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "create": { "type": "array", "items": input },
            "update": { "type": "array", "items": with_id(changes) },
            "delete": { "type": "array", "items": { "type": "string" } },
            "purge": { "type": "array", "items": { "type": "string" }, "description": "Records of the bin that are removed for good" },
            "upsert_by": { "type": ["string", "null"], "description": "The field that tells which records are there already" },
            "partial": { "type": "boolean", "description": "Whether what is right is written beside what is wrong" },
        },
    })
}

/// Somebody else may have changed the record meanwhile.
fn conflicting(operation: Json) -> Json {
    answering(operation, &["409", "412"])
}
