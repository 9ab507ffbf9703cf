//! The workspace that most journeys begin in: an object "Site visit" with every field kind, made a minute ago,
//! an administrator, and a representative who sees only what is theirs.

use kontor_testing::{Api, Engine, Installation, Person, Server, eventually, sql};
use serde_json::{Value, json};

/// Names the meta-schema of a kind of definition.
pub fn schema(kind: &str) -> String {
    format!("https://kontor.dev/schemas/{kind}.schema.json")
}

/// An entity with a field of each of the kinds of the first light, and a formula.
pub fn site_visit() -> Value {
    json!({
        "$schema": schema("entity"),
        "name": "site_visit", "title": "Site visit", "plural": "Site visits", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Visit", "maxLength": 80 },
            "summary": { "kind": "long_text", "title": "Summary" },
            "people": { "kind": "integer", "title": "People", "minimum": 0, "maximum": 500 },
            "hours": { "kind": "decimal", "title": "Hours", "scale": 2 },
            "cost": { "kind": "money", "title": "Cost", "minimum": 0 },
            "finished": { "kind": "percent", "title": "Finished", "minimum": 0, "maximum": 100 },
            "paid": { "kind": "boolean", "title": "Paid" },
            "day": { "kind": "date", "title": "Day" },
            "arrived": { "kind": "datetime", "title": "Arrived" },
            "outcome": { "kind": "choice", "title": "Outcome", "default": "planned", "oneOf": [
                { "const": "planned", "title": "Planned", "color": "slate", "outcome": "open" },
                { "const": "good", "title": "Good", "color": "green", "outcome": "won" },
                { "const": "bad", "title": "Bad", "color": "red", "outcome": "lost" } ] },
            "topics": { "kind": "multi_choice", "title": "Topics", "oneOf": [
                { "const": "safety", "title": "Safety" },
                { "const": "energy", "title": "Energy" },
                { "const": "roof", "title": "Roof" } ] },
            "mailbox": { "kind": "email", "title": "Mailbox" },
            "hotline": { "kind": "phone", "title": "Hotline" },
            "map": { "kind": "url", "title": "Map" },
            "site": { "kind": "link", "to": "building", "title": "Building", "on_delete": "restrict",
                      "back": { "name": "visits", "title": "Visits" } },
            "regarding": { "kind": "any_link", "to": ["building", "site_visit"], "title": "Regarding" },
            "guide": { "kind": "user", "title": "Guide" },
            "number": { "kind": "autonumber", "title": "Number", "pattern": "V-{number:4}" },
            "rate": { "kind": "money", "title": "Cost per hour", "formula": "cost / hours" }
        },
        "required": ["name"],
        "search": ["name", "summary"]
    })
}

/// What a site visit happens at; its name is unique.
pub fn building() -> Value {
    json!({
        "$schema": schema("entity"),
        "name": "building", "title": "Building", "plural": "Buildings", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Building name", "unique": true },
            "town": { "kind": "text", "title": "Town" },
            "floors": { "kind": "integer", "title": "Floors" },
            "secret": { "kind": "text", "title": "Alarm code" },
            "budget": { "kind": "money", "title": "Budget" }
        },
        "required": ["name"],
        "search": ["name", "town"]
    })
}

/// A role that creates visits, sees and changes its own, reads all buildings but not their alarm code, and
/// reads their budget without changing it.
pub fn inspector() -> Value {
    json!({
        "$schema": schema("role"), "name": "inspector", "title": "Inspector",
        "entities": {
            "user": { "read": "all" },
            "site_visit": { "create": true, "read": "own", "update": "own", "delete": "own" },
            "building": { "create": true, "read": "all", "update": "all",
                          "fields": { "secret": "none", "budget": "read" } }
        }
    })
}

/// The running workspace.
pub struct World {
    pub server: Server,
    /// The administrator's API client.
    pub admin: Api,
    /// Somebody with scope own.
    pub inspector: Person,
    /// Their API client.
    pub own: Api,
}

impl World {
    /// Starts a server and publishes the definitions above through the API.
    pub async fn start(engine: Engine) -> Self {
        Self::start_in(Installation::new(engine)).await
    }

    /// The same in a prepared installation.
    pub async fn start_in(installation: Installation) -> Self {
        let server = installation.serve().await;
        let admin = server.api().await;
        admin
            .publish(
                "Site visits",
                &[
                    ("entity", "building", building()),
                    ("entity", "site_visit", site_visit()),
                    ("role", "inspector", inspector()),
                ],
            )
            .await;
        let inspector = server.installation.person("ines", "inspector").await;
        let own = server.api_of(&inspector).await;
        Self { server, admin, inspector, own }
    }

    /// The API clients of everybody, each with a word for messages.
    pub fn everybody(&self) -> [(&'static str, &Api); 2] {
        [("administrator", &self.admin), ("scope own", &self.own)]
    }

    /// Creates a building and gives its id.
    pub async fn building(&self, name: &str) -> String {
        self.admin.create("building", &json!({ "name": name })).await.id()
    }

    /// Creates visits by name as somebody.
    pub async fn visits(&self, api: &Api, names: &[&str]) -> Vec<String> {
        let mut ids = Vec::new();
        for name in names {
            ids.push(api.create("site_visit", &json!({ "name": name })).await.id());
        }
        ids
    }
}

/// The texts of one field of a list answer, in order.
pub fn column(answer: &kontor_testing::Answer, field: &str) -> Vec<String> {
    answer
        .list("/data")
        .iter()
        .map(|record| match &record[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}

/// Waits until the job runner has looked at every event and no run is between two steps.
pub async fn idle(server: &Server) {
    settled(server, "").await;
}

/// Waits until everything that was begun was tried: a run that failed waits for its next attempt and is left alone.
pub async fn tried(server: &Server) {
    settled(server, " and attempts = 0").await;
}

async fn settled(server: &Server, unless: &str) {
    let connection = sql::open(&server.installation).await;
    let schema = sql::schema(&connection).await;
    let left = format!(
        "select (select count(*) from {schema}s_event) + (select count(*) from {schema}s_run where state = 'running'{unless}) + \
         (select count(*) from {schema}s_timer where topic = 'recompute')"
    );
    eventually("the job runner has nothing to do", || async {
        (sql::number(&connection, &left).await == 0).then_some(())
    })
    .await;
    sql::close(connection).await;
}
