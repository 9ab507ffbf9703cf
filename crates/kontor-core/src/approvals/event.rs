//! What happens to a request besides decisions: somebody is reminded, others are asked, time decides.

use chrono::{DateTime, SecondsFormat, Utc};
use kontor_model::Json;
use serde_json::json;
use uuid::Uuid;

use super::request::moment;

/// Who was asked handed the decision to somebody else.
pub const DELEGATED: &str = "delegated";
/// The deadline passed, and who should decide was reminded.
pub const REMINDED: &str = "reminded";
/// The deadline passed, and managers were asked.
pub const ESCALATED: &str = "escalated";
/// The deadline passed, and that counts as agreement.
pub const APPROVED_LATE: &str = "approved_late";
/// The deadline passed, and that counts as refusal.
pub const REFUSED_LATE: &str = "refused_late";

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// What: one of the words above.
    pub what: String,
    /// Who did it; `None` for time.
    pub by: Option<Uuid>,
    /// Their name then.
    pub name: String,
    /// Who is asked from then on, with their names then.
    pub to: Vec<(Uuid, String)>,
    /// What was said.
    pub comment: String,
    /// When.
    pub at: DateTime<Utc>,
    /// In which round.
    pub level: usize,
}

impl Event {
    /// What time did.
    pub(super) fn of_time(what: &str, at: DateTime<Utc>, level: usize) -> Self {
        let (by, name, to, comment) = (None, String::new(), Vec::new(), String::new());
        Self { what: what.to_owned(), by, name, to, comment, at, level }
    }

    pub(super) fn read(json: &Json) -> Option<Self> {
        let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        let person = |one: &Json| {
            Some((one.get("id")?.as_str()?.parse().ok()?, one.get("title")?.as_str()?.to_owned()))
        };
        Some(Self {
            what: text("what")?,
            by: text("by").and_then(|id| id.parse().ok()),
            name: text("name").unwrap_or_default(),
            to: json.get("to").and_then(Json::as_array)?.iter().filter_map(person).collect(),
            comment: text("comment").unwrap_or_default(),
            at: moment(json.get("at"))?,
            level: json.get("level").and_then(Json::as_u64)?.try_into().ok()?,
        })
    }

    pub(super) fn write(&self) -> Json {
        json!({ "what": self.what, "by": self.by, "name": self.name, "to": self.people(),
                "comment": self.comment, "at": self.at.to_rfc3339(), "level": self.level })
    }

    /// The form of the API.
    pub(super) fn to_json(&self) -> Json {
        json!({
            "what": self.what,
            "by": self.by.map(|id| json!({ "id": id, "title": self.name })),
            "to": self.people(),
            "comment": self.comment,
            "at": self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "level": self.level + 1,
        })
    }

    fn people(&self) -> Vec<Json> {
        self.to.iter().map(|(id, name)| json!({ "id": id, "title": name })).collect()
    }
}
