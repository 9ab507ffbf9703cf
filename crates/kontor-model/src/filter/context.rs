//! What evaluating a filter or a formula needs to know: the moment, the reader, and the record.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{FieldPath, Filter, Has};
use crate::record::Record;
use crate::setting::SettingValues;
use crate::value::Value;
use crate::working_time::WorkingTime;

/// The usual working time, where a workspace has said nothing.
static USUAL: LazyLock<Arc<WorkingTime>> = LazyLock::new(Arc::default);

/// The moment and the reader, seen from whom a filter is evaluated.
#[derive(Clone, Debug)]
pub struct FilterContext {
    /// Now.
    pub now: DateTime<Utc>,
    /// The reader's zone: it decides what "today" and "this month" are.
    pub zone: Tz,
    /// The reader; nobody for the engine itself.
    pub user: Option<Uuid>,
    /// The reader's team.
    pub team: Option<Uuid>,
    /// That team and all teams below it.
    pub teams: Arc<Vec<Uuid>>,
    /// That team and all teams above it: what is shared with one of them is shared with the reader.
    pub above: Arc<Vec<Uuid>>,
    /// The territories of which the reader is a member, and all below them.
    pub territories: Arc<Vec<Uuid>>,
    /// The month with which the fiscal year begins, 1 to 12.
    pub fiscal_start: u32,
    /// The reader's other fields by name, for `{ "user": "region" }`; a path through links is a key with dots.
    pub attributes: Arc<HashMap<String, Value>>,
    /// The values of the workspace's settings.
    pub settings: Arc<SettingValues>,
    /// When the workspace works.
    pub working: Arc<WorkingTime>,
}

impl FilterContext {
    /// Nobody's view at a moment.
    pub fn at(now: DateTime<Utc>, zone: Tz) -> Self {
        Self {
            now,
            zone,
            user: None,
            team: None,
            teams: Arc::default(),
            above: Arc::default(),
            territories: Arc::default(),
            fiscal_start: 1,
            attributes: Arc::default(),
            settings: Arc::default(),
            working: Arc::clone(&USUAL),
        }
    }

    /// The reader's day.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// The value of a setting; empty when there is none.
    pub fn setting(&self, name: &str) -> Value {
        self.settings.get(name).cloned().unwrap_or_default()
    }

    /// An attribute of the reader: `id`, `team`, or one of `attributes`; empty when there is none.
    pub fn attribute(&self, path: &str) -> Value {
        match path {
            "id" => self.user.map_or(Value::Empty, Value::Id),
            "team" => self.team.map_or(Value::Empty, Value::Id),
            _ => self.attributes.get(path).cloned().unwrap_or_default(),
        }
    }
}

/// One record as filters and formulas see it, links and related records included.
pub trait Subject {
    /// The value at a path; empty behind an empty link.
    fn value(&self, path: &FieldPath) -> Value;

    /// How many related records match.
    fn count(&self, has: &Has) -> u64;

    /// The value before this save; `None` when nothing is known of a save, which makes `changed` false.
    fn old(&self, _path: &FieldPath) -> Option<Value> {
        None
    }

    /// What the path ever held, as the history of its record tells. Without a store nothing is known.
    fn past(&self, _path: &FieldPath) -> Vec<Value> {
        Vec::new()
    }

    /// Whether a condition on sharing, or on what a link reaches, holds; who knows nothing of either says no.
    fn reaches(&self, _condition: &Filter) -> bool {
        false
    }

    /// Whether what the link at the path reaches is this record of a tree, or one below it. Without a store only the
    /// record itself is known.
    fn is_under(&self, path: &FieldPath, top: Uuid) -> bool {
        self.value(path).as_id() == Some(top)
    }
}

/// A record by itself: paths through links are empty and nothing is related. For what is evaluated without a store.
#[derive(Clone, Copy, Debug)]
pub struct OwnFields<'a> {
    /// The record.
    pub record: &'a Record,
    /// The record before this save.
    pub old: Option<&'a Record>,
}

impl Subject for OwnFields<'_> {
    fn value(&self, path: &FieldPath) -> Value {
        if path.hops.is_empty() { self.record.at(path.field).clone() } else { Value::Empty }
    }

    fn count(&self, _has: &Has) -> u64 {
        0
    }

    fn old(&self, path: &FieldPath) -> Option<Value> {
        if path.hops.is_empty() { self.old.map(|record| record.at(path.field).clone()) } else { None }
    }
}
