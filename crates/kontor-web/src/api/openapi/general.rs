//! The calls that are the same in every workspace, and the parts that calls share.

use kontor_model::Json;
use serde_json::{Map, json};

use super::{body_of, in_path, in_query, may_take, operation, schema_of, taking, with_parameters};

/// Calls without an entity in their address.
pub fn paths() -> Map<String, Json> {
    let list = || ("200", body_of("A list", &schema_of("list")));
    let any = || ("200", body_of("The answer", &json!({ "type": "object" })));
    let get =
        |id: &str, tag: &str, summary: &str, success| Json::Object(operation(id, tag, summary, success));
    let mut paths = Map::new();
    let mut add = |path: &str, item: Json| {
        paths.insert(path.to_owned(), item);
    };
    add("/me", json!({ "get": get("me", "workspace", "Whom the token stands for", any()) }));
    add(
        "/approvals",
        json!({ "get": get("approvals", "workspace", "What waits for one's decision, and what one asked", any()) }),
    );
    add(
        "/approvals/{id}/decision",
        json!({ "parameters": [in_path("id")], "post": taking(
            operation("decide", "workspace", "Decide on a request", any()),
            &json!({ "type": "object", "required": ["verdict"], "additionalProperties": false, "properties": {
                "verdict": { "enum": ["approve", "refuse"] }, "comment": { "type": "string", "maxLength": 2000 } } }),
        ) }),
    );
    add(
        "/approvals/{id}/delegation",
        json!({ "parameters": [in_path("id")], "post": taking(
            operation("delegate", "workspace", "Hand a decision to somebody else", any()),
            &json!({ "type": "object", "required": ["to"], "additionalProperties": false, "properties": {
                "to": { "type": "string", "description": "Id or e-mail" }, "comment": { "type": "string", "maxLength": 2000 } } }),
        ) }),
    );
    add(
        "/approvals/{id}/withdrawal",
        json!({ "parameters": [in_path("id")], "post": may_take(
            operation("withdraw", "workspace", "Take a request back", any()),
            &json!({ "type": "object" }),
        ) }),
    );
    add("/hooks/{name}", hook());
    add(
        "/questions",
        json!({ "get": get("questions", "workspace", "What workflows ask the caller", list()) }),
    );
    add(
        "/questions/{id}",
        json!({ "parameters": [in_path("id")], "get": get("question", "workspace", "One question, with the shape of its answer", any()) }),
    );
    add(
        "/questions/{id}/answer",
        json!({ "parameters": [in_path("id")], "post": taking(
            operation("answer", "workspace", "Answer a question; the first answer counts", any()),
            &json!({ "type": "object", "description": "The inputs of the question by name" }),
        ) }),
    );
    add(
        "/search",
        json!({ "get": with_parameters(get("search", "workspace", "Find records", any()), json!([query("q")])) }),
    );
    add(
        "/query",
        json!({ "post": taking(operation("query", "reports", "Count and sum records by groups", list()), &schema_of("query")) }),
    );
    add(
        "/reports/{name}",
        json!({ "parameters": [in_path("name")], "get": with_parameters(get("report", "reports", "Run a report, published or saved", any()), json!([
            in_query("format", "json, csv, xlsx or svg; the report's own parameters stand beside it by their names") ])) }),
    );
    for (path, item) in saved() {
        add(path, item);
    }
    add(
        "/metrics/{name}",
        json!({ "parameters": [in_path("name")], "get": with_parameters(get("metric", "reports", "Work a metric out", any()), json!([
            in_query("within", "Another period than the metric's own, such as last_month") ])) }),
    );
    add(
        "/snapshots/{name}",
        json!({ "parameters": [in_path("name")], "get": with_parameters(get("snapshot", "reports", "Figures kept per day", any()), json!([
            in_query("from", "The first day; 90 days back when not said"), in_query("to", "The last day; today when not said") ])) }),
    );
    add(
        "/schemas/{entity}",
        json!({ "parameters": [in_path("entity")], "get": with_parameters(get("schema", "definitions", "JSON Schema of records", any()), json!([
            { "name": "for", "in": "query", "description": "What is given, or what may be sent", "schema": { "enum": ["output", "input"], "default": "output" } } ])) }),
    );
    let file = ("201", body_of("The file", &schema_of("file")));
    add("/files", json!({ "post": file_body(operation("send_file", "files", "Send a file", file)) }));
    let content = json!({ "description": "What the file holds", "content": { "*/*": { "schema": { "type": "string", "format": "binary" } } } });
    add(
        "/files/{id}",
        json!({ "parameters": [in_path("id")], "get": get("file", "files", "Fetch a file", ("200", content)) }),
    );
    let news = "What one was told, and what others did to records that one follows";
    add("/news", json!({ "get": get("news", "workspace", news, list()) }));
    let done = || ("204", json!({ "description": "Done" }));
    let all = operation("see_all_news", "workspace", "Mark everything that one was told as seen", done());
    add("/news/seen", json!({ "post": all }));
    let one = operation("see_news", "workspace", "Mark one thing that one was told as seen", done());
    add("/news/{id}/seen", json!({ "parameters": [in_path("id")], "post": one }));
    add("/openapi.json", json!({ "get": get("openapi", "workspace", "This description", any()) }));
    paths
}

/// Views, reports and dashboards that people save for themselves and their team.
fn saved() -> [(&'static str, Json); 2] {
    let list = ("200", body_of("A list", &schema_of("list")));
    let any = || ("200", body_of("The answer", &json!({ "type": "object" })));
    let kind = json!({ "name": "kind", "in": "path", "required": true, "schema": { "enum": ["view", "report", "dashboard"] } });
    let own = json!({ "type": "object", "required": ["definition"], "additionalProperties": false, "properties": {
        "definition": { "type": "object", "description": "A definition of the kind; its name is made by the program" },
        "share": { "enum": ["me", "team"], "description": "Who sees it; as it was, or the caller alone, when not said" } } });
    let begun = ("201", body_of("Id and name", &json!({ "type": "object" })));
    let all = json!({ "parameters": [kind],
            "get": operation("saved", "reports", "What the caller saved for themselves, and what their team shares", list),
            "post": taking(operation("save_own", "reports", "Save a view, a report or a dashboard at once, without a change set", begun), &own) });
    let one = json!({ "parameters": [kind, in_path("id")],
            "get": operation("saved_one", "reports", "One that was saved", any()),
            "put": taking(operation("change_own", "reports", "Change one's own", any()), &own),
            "delete": operation("delete_own", "reports", "Delete one's own", ("204", json!({ "description": "Done" }))) });
    [("/saved/{kind}", all), ("/saved/{kind}/{id}", one)]
}

/// What machines of others say: no token, and a signature over what they say.
fn hook() -> Json {
    let header = |name: &str, about: &str| json!({ "name": name, "in": "header", "required": true, "description": about, "schema": { "type": "string" } });
    let run = json!({ "type": "object", "properties": { "run": { "type": ["string", "null"], "format": "uuid" } } });
    let summary = "Say that something happened: begins the workflow that listens there";
    let mut post =
        operation("take_message", "workspace", summary, ("202", body_of("The run that began, if any", &run)));
    post.insert("security".into(), json!([]));
    post.insert(
        "parameters".into(),
        json!([
            header("webhook-id", "The message's own name; the same one twice begins one run"),
            header("webhook-timestamp", "Seconds since 1970, at most five minutes from now"),
            header(
                "webhook-signature",
                "v1, and HMAC-SHA256 over id.timestamp.body in Base64; several with blanks between"
            ),
        ]),
    );
    if let Some(responses) = post.get_mut("responses").and_then(Json::as_object_mut) {
        for status in ["413", "415"] {
            responses.insert(status.into(), json!({ "$ref": "#/components/responses/problem" }));
        }
        responses.shift_remove("403");
    }
    let post =
        taking(post, &json!({ "type": "object", "description": "What the inputs of the trigger say" }));
    json!({ "parameters": [in_path("name")], "post": post })
}

/// An operation that takes a file.
pub fn file_body(mut operation: Map<String, Json>) -> Json {
    let parts = json!({ "type": "object", "properties": { "file": { "type": "string", "format": "binary" } }, "required": ["file"] });
    let body = json!({ "required": true, "content": { "multipart/form-data": { "schema": parts } } });
    operation.insert("requestBody".into(), body);
    Json::Object(operation)
}

fn query(name: &str) -> Json {
    json!({ "name": name, "in": "query", "schema": { "type": "string" } })
}

/// Headings.
pub fn tags() -> Vec<Json> {
    [
        ("workspace", "Who is calling, search, this description"),
        ("definitions", "What shapes the workspace"),
        ("changes", "Changing definitions: gather, check, publish, undo"),
        ("reports", "Questions over records"),
        ("files", "What records hold beside their fields"),
    ]
    .into_iter()
    .map(|(name, about)| json!({ "name": name, "description": about }))
    .collect()
}

/// Shapes that calls share.
pub fn schemas() -> Map<String, Json> {
    let text = json!({ "type": "string" });
    let problem = json!({
        "type": "object",
        "required": ["code", "path", "message"],
        "properties": {
            "code": { "type": "string", "description": "Stable name of what is wrong" },
            "path": { "type": "string", "description": "JSON pointer into what was sent" },
            "message": text,
            "line": { "type": "integer" },
            "column": { "type": "integer" },
        },
    });
    let shapes = json!({
        "problem_details": {
            "type": "object",
            "description": "RFC 9457",
            "required": ["type", "title", "status", "code"],
            "properties": {
                "type": text, "title": text, "status": { "type": "integer" }, "code": text, "detail": text,
                "problems": { "type": "array", "items": problem }, "reference": text,
            },
        },
        "page": {
            "type": "object",
            "properties": {
                "next": { "type": ["string", "null"], "description": "Cursor for `after`" },
                "count": { "type": ["integer", "null"] },
                "capped": { "type": "boolean", "description": "There are more than `count`" },
            },
        },
        "list": { "type": "object", "required": ["data"], "properties": { "data": { "type": "array", "items": { "type": "object" } } } },
        "created": { "type": "object", "required": ["id"], "properties": { "id": text } },
        "bulk_results": {
            "type": "object",
            "properties": { "results": { "type": "array", "items": { "type": "object", "properties": { "id": text, "problems": { "type": "array" } } } } },
        },
        "file": {
            "type": "object",
            "properties": {
                "id": { "type": "string", "format": "uuid" }, "name": { "type": "string" },
                "size": { "type": "integer" }, "type": { "type": "string" },
            },
            "required": ["id", "name", "size", "type"],
        },
        "query": {
            "type": "object",
            "required": ["entity"],
            "properties": {
                "entity": text,
                "where": { "type": "object", "description": "A filter" },
                "group": { "type": "array", "items": { "type": "object", "required": ["field"], "properties": { "field": text, "by": { "enum": ["day", "week", "month", "quarter", "year"] }, "as": text } } },
                "measures": { "type": "array", "items": { "type": "object" } },
                "sort": { "type": "array", "items": text },
                "limit": { "type": "integer" },
            },
        },
    });
    match shapes {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}

/// Answers that calls share.
pub fn responses() -> Json {
    json!({
        "problem": {
            "description": "What went wrong; `problems` lists everything that the caller can put right",
            "content": { "application/problem+json": { "schema": schema_of("problem_details") } },
        },
    })
}

/// Parameters that calls share.
pub fn parameters() -> Json {
    let number = json!({ "type": "integer", "minimum": 1, "maximum": 500 });
    let header = |name: &str, about: &str| json!({ "name": name, "in": "header", "description": about, "schema": { "type": "string" } });
    let inquiry = |name: &str, about: &str, schema: Json| json!({ "name": name, "in": "query", "description": about, "schema": schema });
    let text = json!({ "type": "string" });
    json!({
        "sort": inquiry("sort", "Fields, a minus in front for falling: `-amount,name`", text.clone()),
        "fields": inquiry("fields", "Paths of the fields to give, links with a dot: `name,owner.name`; rows and links of lists by their name, whole (`lines`) or some fields of each (`lines.name`)", text.clone()),
        "limit": inquiry("limit", "Most records of the page", number),
        "after": inquiry("after", "`page.next` of the page before", text.clone()),
        "count": inquiry("count", "Whether to count what matches", json!({ "enum": ["exact", "capped", "none"] })),
        "q": inquiry("q", "Words to find in the search fields", text.clone()),
        "filter": inquiry("filter", "A filter as JSON; simple conditions are written `field=value`, `field[gte]=value`", text),
        "warnings": inquiry("warnings", "Whether what rules warn of is saved all the same", json!({ "enum": ["accept", "refuse"] })),
        "purge": inquiry("purge", "Whether a record that is in the bin is removed for good", json!({ "enum": ["true", "false"] })),
        "if_match": header("If-Match", "The version that must be stored, as given in `ETag`"),
        "idempotency_key": header("Idempotency-Key", "The same key gets the first answer again"),
    })
}
