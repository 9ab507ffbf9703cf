//! A workspace with quotes that have lines, stalls that form a tree, and fairs at which they stand.

use kontor_testing::{Api, Engine, Installation, Person, Server};
use serde_json::{Value, json};

use crate::world::schema;

pub fn entity(name: &str, title: &str, properties: Value) -> Value {
    json!({ "$schema": schema("entity"), "name": name, "title": title, "plural": format!("{title}s"), "type": "object",
            "display": "name", "required": ["name"], "properties": properties })
}

/// A quote with lines, stalls that form a tree, and fairs at which they stand.
pub fn definitions() -> Vec<(&'static str, &'static str, Value)> {
    let quote = entity(
        "quote",
        "Quote",
        json!({
            "name": { "kind": "text", "title": "Quote" },
            "discount": { "kind": "percent", "title": "Discount" },
            "stall": { "kind": "link", "to": "stall", "title": "Stall", "on_delete": "restrict", "back": { "name": "quotes", "title": "Quotes" } },
            "lines": { "kind": "rows", "to": "quote_line", "by": "quote", "title": "Lines" },
            "total": { "kind": "money", "title": "Total", "rollup": { "of": "quote_line.quote", "sum": "amount" } },
            "pieces": { "kind": "decimal", "title": "Pieces", "rollup": { "of": "quote_line.quote", "sum": "quantity", "where": { "field": "optional", "eq": false } } },
            "dearest": { "kind": "money", "title": "Dearest", "rollup": { "of": "quote_line.quote", "max": "amount" } },
            "number_of_lines": { "kind": "integer", "title": "Number of lines", "rollup": { "of": "quote_line.quote", "count": true } },
            "net": { "kind": "money", "title": "Net", "formula": "total * (100 - coalesce(discount, 0)) / 100" }
        }),
    );
    let mut quote = quote;
    quote["rules"] = json!([{ "name": "too_dear", "when": { "field": "net", "gt": 100_000 }, "at": "discount", "message": "Too dear" },
        { "name": "only_optional", "when": { "all": [ { "has": "lines" }, { "has_no": "lines", "where": { "field": "optional", "eq": false } } ] }, "at": "lines", "message": "Something must be firm" }]);
    // Lines point at quotes and quotes hold lines: what is put first cannot name what comes later.
    let mut plain = entity(
        "quote",
        "Quote",
        json!({ "name": { "kind": "text", "title": "Quote" }, "total": { "kind": "money", "title": "Total" } }),
    );
    plain["required"] = json!(["name"]);
    let line = entity(
        "quote_line",
        "Quote line",
        json!({
            "name": { "kind": "text", "title": "Article", "maxLength": 40 },
            "quote": { "kind": "link", "to": "quote", "title": "Quote" },
            "position": { "kind": "integer", "title": "Position" },
            "quantity": { "kind": "decimal", "title": "Quantity", "minimum": 0, "default": 1 },
            "price": { "kind": "money", "title": "Price" },
            "optional": { "kind": "boolean", "title": "Optional" },
            "purchase": { "kind": "money", "title": "Purchase price" },
            "amount": { "kind": "money", "title": "Amount", "formula": "quantity * price" },
            "share": { "kind": "percent", "title": "Share", "formula": "if quote.total > 0 { amount * 100 / quote.total } else { 0 }" }
        }),
    );
    let stall = entity(
        "stall",
        "Stall",
        json!({
            "name": { "kind": "text", "title": "Stall", "unique": true },
            "parent": { "kind": "link", "to": "stall", "title": "Belongs to", "tree": true, "back": { "name": "parts", "title": "Parts" } },
            "fairs": { "kind": "links", "to": "fair", "title": "Fairs", "back": { "name": "stalls", "title": "Stalls" },
                "properties": { "place": { "kind": "text", "title": "Place" }, "fee": { "kind": "money", "title": "Fee" } } }
        }),
    );
    let fair = entity(
        "fair",
        "Fair",
        json!({ "name": { "kind": "text", "title": "Fair", "unique": true }, "town": { "kind": "text", "title": "Town" } }),
    );
    let seller = json!({
        "$schema": schema("role"), "name": "seller", "title": "Seller",
        "entities": {
            "user": { "read": "all" },
            "quote": { "create": true, "read": "all", "update": "all", "delete": "own" },
            "quote_line": { "create": true, "read": "own", "update": "own", "delete": "none", "fields": { "purchase": "none" } },
            "stall": { "create": true, "read": "own", "update": "own", "delete": "own" },
            "fair": { "create": true, "read": "own" }
        }
    });
    let stranger = json!({
        "$schema": schema("role"), "name": "stranger", "title": "Stranger",
        "entities": { "user": { "read": "all" }, "quote": { "create": true, "read": "all", "update": "all" } }
    });
    vec![
        ("entity", "fair", fair),
        ("entity", "stall", stall),
        ("entity", "quote", plain),
        ("entity", "quote_line", line),
        ("entity", "quote", quote),
        ("role", "seller", seller),
        ("role", "stranger", stranger),
    ]
}

/// A running workspace with these definitions.
pub struct Market {
    pub server: Server,
    pub admin: Api,
    /// Somebody who sees only lines, stalls and fairs of their own.
    pub seller: Person,
    pub selling: Api,
}

impl Market {
    pub async fn open(engine: Engine) -> Self {
        let server = Installation::new(engine).serve().await;
        let admin = server.api().await;
        admin.publish("Market", &definitions()).await;
        let seller = server.installation.person("sara", "seller").await;
        let selling = server.api_of(&seller).await;
        Self { server, admin, seller, selling }
    }
}
