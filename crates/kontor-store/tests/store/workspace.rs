//! A small workspace for tests: a model, a store on each database, and builders for records.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeZone as _, Utc};
use kontor_model::access::{EntityAccess, FieldRight, Scope};
use kontor_model::definition::DefinitionKind;
use kontor_model::diff::SchemaChange;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, FilterContext};
use kontor_model::{Access, EntityModel, Filter, Json, Model, Record, Value};
use kontor_store::{CommitUnit, PageQuery, Sort, Store, Target, Write};
use serde_json::json;
use uuid::Uuid;

use super::postgres;

/// A store with the test model in it.
pub struct Workspace {
    pub store: Store,
    pub model: Arc<Model>,
    pub access: Access,
    /// Holds the folder of a SQLite file.
    _folder: Option<tempfile::TempDir>,
}

/// A fresh workspace on each database.
pub async fn on_both() -> [Workspace; 2] {
    [on_sqlite().await, on_postgres().await]
}

pub async fn on_sqlite() -> Workspace {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::Sqlite { path: folder.path().join("workspace.db") };
    Workspace::new(target, Some(folder)).await
}

pub async fn on_postgres() -> Workspace {
    let schema = format!("w_{}", Uuid::new_v4().simple());
    let target = Target::Postgres { url: postgres::address().to_owned(), schema };
    Workspace::new(target, None).await
}

/// The definitions of the test model: companies with staff, and orders that point at them.
pub fn definitions() -> Vec<Json> {
    vec![
        json!({
            "$schema": "https://kontor.dev/schemas/entity.schema.json",
            "name": "company", "title": "Company", "type": "object", "display": "name",
            "properties": {
                "name": { "kind": "text", "title": "Name" },
                "city": { "kind": "text", "title": "City" },
                "parent": { "kind": "link", "to": "company", "title": "Parent" }
            },
            "required": ["name"], "unique": [["name", "city"]], "indexes": [["city"]], "search": ["name", "city"]
        }),
        json!({
            "$schema": "https://kontor.dev/schemas/entity.schema.json",
            "name": "order", "title": "Order", "type": "object", "display": "title",
            "properties": {
                "title": { "kind": "text", "title": "Title" },
                "number": { "kind": "autonumber", "title": "Number", "pattern": "O-{year}-{number:4}", "reset": "year" },
                "company": { "kind": "link", "to": "company", "title": "Company", "back": { "name": "orders", "title": "Orders" } },
                "amount": { "kind": "decimal", "title": "Amount", "scale": 2 },
                "price": { "kind": "money", "title": "Price" },
                "fee": { "kind": "money", "title": "Fee" },
                "pieces": { "kind": "integer", "title": "Pieces" },
                "paid": { "kind": "boolean", "title": "Paid" },
                "due": { "kind": "date", "title": "Due" },
                "shipped": { "kind": "datetime", "title": "Shipped" },
                "stage": { "kind": "choice", "title": "Stage", "oneOf": [
                    { "const": "open", "title": "Open" }, { "const": "won", "title": "Won" }, { "const": "lost", "title": "Lost" } ] },
                "tags": { "kind": "multi_choice", "title": "Tags", "oneOf": [
                    { "const": "red", "title": "Red" }, { "const": "green", "title": "Green" }, { "const": "blue", "title": "Blue" } ] },
                "about": { "kind": "any_link", "to": ["company", "order"], "title": "About" },
                "contact": { "kind": "person_name", "title": "Contact" },
                "tel": { "kind": "phone", "title": "Telephone" },
                "spot": { "kind": "geo_point", "title": "Spot" }
            },
            "search": ["title"], "indexes": [["stage", "due"]]
        }),
    ]
}

pub fn compile(version: i64, definitions: Vec<Json>) -> Arc<Model> {
    let mut set = kontor_model::built_in::definitions();
    for definition in definitions {
        let name = definition["name"].as_str().unwrap().to_owned();
        set.insert((DefinitionKind::Entity, name), definition);
    }
    let model = Model::compile(version, set);
    assert!(model.broken.is_empty(), "{:#?}", model.broken);
    Arc::new(model)
}

impl Workspace {
    async fn new(target: Target, folder: Option<tempfile::TempDir>) -> Self {
        let store = Store::open(&target).await.unwrap();
        let model = compile(1, definitions());
        let changes: Vec<SchemaChange> = model
            .entities
            .keys()
            .map(|entity| SchemaChange::CreateEntity { entity: entity.clone() })
            .collect();
        let statements = store.statements(&Model::default(), &model, &changes).await.unwrap();
        store.publish(&model, statements, CommitUnit::new()).await.unwrap();
        Self { store, model, access: Access::everything(), _folder: folder }
    }

    pub fn entity(&self, name: &str) -> &EntityModel {
        self.model.entity(name).unwrap()
    }

    pub fn path(&self, entity: &str, path: &str) -> FieldPath {
        FieldPath::parse(path, self.entity(entity), &self.model).unwrap()
    }

    pub fn paths(&self, entity: &str, paths: &[&str]) -> Vec<FieldPath> {
        paths.iter().map(|path| self.path(entity, path)).collect()
    }

    pub fn filter(&self, entity: &str, filter: &Json) -> Filter {
        Filter::parse(filter, self.entity(entity), &self.model)
            .unwrap_or_else(|error| panic!("{filter}: {error:?}"))
    }

    pub fn sort(&self, entity: &str, paths: &[&str]) -> Vec<Sort> {
        paths
            .iter()
            .map(|path| match path.strip_prefix('-') {
                Some(path) => Sort { path: self.path(entity, path), descending: true },
                None => Sort { path: self.path(entity, path), descending: false },
            })
            .collect()
    }

    /// A record with these values, owned by nobody.
    pub fn record(&self, entity: &str, values: &[(&str, Value)]) -> Record {
        let entity = self.entity(entity);
        let mut record = Record::empty(entity);
        record.set(system::ID, Value::Id(Uuid::now_v7()));
        record.set(system::VERSION, Value::Integer(1));
        record.set(system::CREATED_AT, Value::DateTime(now()));
        record.set(system::UPDATED_AT, Value::DateTime(now()));
        for (name, value) in values {
            record.set(entity.field_index(name).unwrap_or_else(|| panic!("{name}")), value.clone());
        }
        record
    }

    /// Inserts a record and gives its id.
    pub async fn add(&self, entity: &str, values: &[(&str, Value)]) -> Uuid {
        let record = self.record(entity, values);
        let id = record.id();
        self.insert(entity, vec![record]).await;
        id
    }

    pub async fn insert(&self, entity: &str, records: Vec<Record>) {
        let mut unit = CommitUnit::new();
        for record in records {
            unit.push(Write::Insert { entity: entity.to_owned(), record });
        }
        self.store.commit(&self.model, unit).await.unwrap();
    }

    pub async fn delete(&self, entity: &str, id: Uuid) {
        let set = vec![(system::DELETED_AT, Value::DateTime(now()))];
        let update = Write::Update { entity: entity.into(), id, expected_version: None, set, bump: true };
        self.store
            .commit(&self.model, CommitUnit { writes: vec![update], ..CommitUnit::default() })
            .await
            .unwrap();
    }

    /// The titles of all records of a query, in its order, as one text.
    pub async fn titles(&self, access: &Access, query: PageQuery) -> String {
        let page = self.store.page(&self.model, access, &query, &context()).await.unwrap();
        let texts: Vec<&str> = page.rows.iter().map(|row| row[0].as_text().unwrap_or("-")).collect();
        texts.join(" ")
    }
}

/// A query for titles.
pub fn query(workspace: &Workspace, entity: &str, filter: &Json) -> PageQuery {
    let display = workspace.entity(entity).display_field().name.clone();
    PageQuery {
        entity: entity.into(),
        select: workspace.paths(entity, &[&display]),
        filter: workspace.filter(entity, filter),
        sort: workspace.sort(entity, &[&display]),
        limit: 100,
        ..PageQuery::default()
    }
}

pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 18, 9, 30, 0).unwrap()
}

pub fn context() -> FilterContext {
    FilterContext::at(now(), chrono_tz::Europe::Berlin)
}

pub fn text(text: &str) -> Value {
    Value::text(text)
}

pub fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

pub fn date(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

pub fn moment(text: &str) -> Value {
    Value::DateTime(text.parse().unwrap())
}

pub fn list(values: &[&str]) -> Value {
    Value::List(values.iter().map(|value| (*value).to_owned()).collect())
}

/// Access to all entities, with one of them narrowed.
pub fn narrowed(model: &Model, entity: &str, read: Scope, fields: &[(&str, FieldRight)]) -> Access {
    let mut entities: HashMap<String, Arc<EntityAccess>> =
        model.entities.keys().map(|name| (name.clone(), Arc::new(EntityAccess::full()))).collect();
    let fields = fields.iter().map(|(name, right)| ((*name).to_owned(), *right)).collect();
    entities.insert(entity.to_owned(), Arc::new(EntityAccess { read, fields, ..EntityAccess::full() }));
    Access::new(entities, Vec::new())
}
