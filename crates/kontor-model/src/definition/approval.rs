//! The typed shape of an approval (`schemas/meta/approval.schema.json`).

use serde::{Deserialize, Serialize};

use crate::Json;
use crate::filter::Offset;

/// Who has to agree before something takes effect.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ApprovalDefinition {
    /// The name that guards use.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// What it decides about; without it, whatever asks for it.
    pub entity: Option<String>,
    /// The rounds, one after the other.
    pub levels: Vec<Level>,
    /// requester, owner: who may not decide even if a level names them.
    pub not: Vec<String>,
    /// Whether the record cannot be changed while a decision is open.
    pub lock: bool,
    /// How long a level may take.
    pub deadline: Option<String>,
    /// What happens then.
    pub late: Option<String>,
    /// Whether people may hand their decision to somebody else.
    pub delegate: bool,
}

impl ApprovalDefinition {
    /// How long a level may take.
    pub fn deadline_of(&self, level: usize) -> Option<Offset> {
        let own = self.levels.get(level).and_then(|level| level.deadline.as_deref());
        own.or(self.deadline.as_deref()).and_then(Offset::parse)
    }

    /// What happens then: remind, escalate, approve, reject.
    pub fn late_of(&self, level: usize) -> &str {
        let own = self.levels.get(level).and_then(|level| level.late.as_deref());
        own.or(self.late.as_deref()).unwrap_or("remind")
    }
}

/// One round.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Level {
    /// The technical name.
    pub name: Option<String>,
    /// What people read.
    pub title: Option<String>,
    /// Only for records for which this holds.
    pub when: Option<Json>,
    /// Who decides.
    pub by: By,
    /// any, all, quorum, sequence.
    pub mode: Option<String>,
    /// How many have to agree, in a quorum.
    pub quorum: Option<u32>,
    /// How long this level may take, in place of what the approval says.
    pub deadline: Option<String>,
    /// What happens then, in place of what the approval says.
    pub late: Option<String>,
}

/// Who decides on a level: exactly one of these.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct By {
    /// People with this role.
    pub role: Option<String>,
    /// People of this team, by its title.
    pub team: Option<String>,
    /// This person, by e-mail.
    pub user: Option<String>,
    /// These persons, by e-mail, in this order.
    pub users: Vec<String>,
    /// The people that this function of the entity's script gives.
    pub script: Option<String>,
    /// The person in this field of the record.
    pub field: Option<String>,
    /// The manager so many steps above the requester.
    pub manager: Option<u32>,
}
