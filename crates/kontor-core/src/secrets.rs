//! Secrets that administrators keep for hooks and for what is asked of other machines: named, sealed, shown once, in no
//! definition, export or log. One that was changed is taken for another day, so that the other side has time to follow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use kontor_model::{Json, Problem};
use kontor_store::system::SystemWrite;
use kontor_store::{CommitUnit, JournalRow, Write};
use serde_json::json;
use uuid::Uuid;

use crate::definitions::DESIGN;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;
use crate::{Session, Workspace};

/// Before the names of secrets among the settings of the workspace.
const PLACE: &str = "secret:";
/// What the journal calls them: no entity has such a name.
const JOURNALLED: &str = "@secret";
/// Before a key that signs, as Standard Webhooks write it.
const KEY: &str = "whsec_";
/// Fewest and most bytes of such a key.
const BYTES: std::ops::RangeInclusive<usize> = 16..=64;
/// The longest secret that is taken.
const LONGEST: usize = 4_000;
/// How long the one before is taken.
const FOLLOWS: Duration = Duration::hours(24);

/// What may be told of a secret.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The name by which definitions speak of it.
    pub name: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// When it became what it is, and by whom.
    pub changed_at: DateTime<Utc>,
    /// Who did that; nobody where it was the operator.
    pub changed_by: Option<Uuid>,
    /// Until when the one before is taken too.
    pub follows_until: Option<DateTime<Utc>>,
    /// Whether it can sign: others are only sent.
    pub signs: bool,
}

/// A secret as it is stored: sealed, and what may be told.
#[derive(Clone, Debug)]
struct Stored {
    told: Secret,
    sealed: String,
    before: Option<String>,
}

impl Stored {
    fn read(name: &str, text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let part = |key: &str| json.get(key).and_then(Json::as_str);
        let moment = |key: &str| DateTime::parse_from_rfc3339(part(key)?).ok().map(|moment| moment.to_utc());
        let told = Secret {
            name: name.to_owned(),
            made_at: moment("made_at")?,
            changed_at: moment("changed_at")?,
            changed_by: part("changed_by").and_then(|id| id.parse().ok()),
            follows_until: moment("follows_until"),
            signs: json.get("signs").and_then(Json::as_bool).unwrap_or(false),
        };
        Some(Self { told, sealed: part("sealed")?.to_owned(), before: part("before").map(str::to_owned) })
    }

    fn text(&self) -> String {
        json!({
            "sealed": self.sealed,
            "before": self.before,
            "made_at": self.told.made_at.to_rfc3339(),
            "changed_at": self.told.changed_at.to_rfc3339(),
            "changed_by": self.told.changed_by,
            "follows_until": self.told.follows_until.map(|until| until.to_rfc3339()),
            "signs": self.told.signs,
        })
        .to_string()
    }
}

/// All secrets by name, without themselves.
///
/// # Errors
/// [`Error::Forbidden`] without the right to design.
pub async fn list(session: &Session) -> Result<Vec<Secret>> {
    demand_admin(session, DESIGN)?;
    let all = session.workspace.store.meta().await?;
    let own = all.iter().filter_map(|(name, text)| Stored::read(name.strip_prefix(PLACE)?, text));
    Ok(own.map(|one| one.told).collect())
}

/// Makes a secret, or puts another in its place; the one before is taken for another day. `given` is what the other side
/// chose; empty lets the machine draw a key. Gives what was drawn or given, to be shown once.
///
/// # Errors
/// `not_a_name` at `/name`, `taken` when one of that name was made meanwhile and `is_new` is said, `not_a_secret` at
/// `/secret`; [`Error::Forbidden`] without the right to design.
pub async fn put(session: &Session, name: &str, given: &str, is_new: bool) -> Result<String> {
    demand_admin(session, DESIGN)?;
    if !is_name(name) {
        return Err(Problem::at_field("not_a_name", "name").with("name", name).into());
    }
    let secret = match given.trim() {
        "" => drawn()?,
        given => given.to_owned(),
    };
    let is_plain = secret.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic());
    let is_broken_key = secret.starts_with(KEY) && key(&secret).is_none();
    if secret.len() > LONGEST || !is_plain || is_broken_key {
        return Err(Problem::at_field("not_a_secret", "secret").with("limit", LONGEST).into());
    }
    let _turn = session.workspace.settings_turn.lock().await;
    let earlier = stored(&session.workspace, name).await?;
    if is_new && earlier.is_some() {
        return Err(Problem::at_field("name_taken", "name").with("name", name).into());
    }
    if !is_new && earlier.is_none() {
        return Err(Error::NotFound);
    }
    let told = Secret {
        name: name.to_owned(),
        made_at: earlier.as_ref().map_or(session.now, |earlier| earlier.told.made_at),
        changed_at: session.now,
        changed_by: (!session.actor.id.is_nil()).then_some(session.actor.id),
        follows_until: earlier.as_ref().map(|_| session.now + FOLLOWS),
        signs: key(&secret).is_some(),
    };
    let sealed = session.workspace.store.seal_text(&place(name), &secret).await?;
    let new = Stored { told, sealed, before: earlier.map(|earlier| earlier.sealed) };
    store(session, name, &new.text(), if is_new { "create" } else { "update" }).await?;
    Ok(secret)
}

/// Takes a secret away at once, with the one before it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] without the right to design.
pub async fn remove(session: &Session, name: &str) -> Result<()> {
    demand_admin(session, DESIGN)?;
    let _turn = session.workspace.settings_turn.lock().await;
    stored(&session.workspace, name).await?.ok_or(Error::NotFound)?;
    // What is empty is none.
    store(session, name, "", "delete").await
}

/// The secret itself, for what is sent.
pub(crate) async fn current(workspace: &Workspace, name: &str) -> Result<Option<String>> {
    let Some(stored) = stored(workspace, name).await? else { return Ok(None) };
    Ok(Some(workspace.store.open_text(&place(name), &stored.sealed).await?))
}

/// The keys that may have signed what comes in now: that of today, and the one before for as long as it is taken.
pub(crate) async fn keys(workspace: &Workspace, name: &str, now: DateTime<Utc>) -> Result<Vec<Vec<u8>>> {
    let Some(stored) = stored(workspace, name).await? else { return Ok(Vec::new()) };
    let is_taken = stored.told.follows_until.is_some_and(|until| now < until);
    let before = stored.before.filter(|_| is_taken);
    let mut keys = Vec::new();
    for sealed in [Some(stored.sealed), before].into_iter().flatten() {
        keys.extend(key(&workspace.store.open_text(&place(name), &sealed).await?));
    }
    Ok(keys)
}

/// The bytes of a key that signs; `None` for what only is sent.
pub(crate) fn key(secret: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(secret.strip_prefix(KEY)?).ok()?;
    BYTES.contains(&bytes.len()).then_some(bytes)
}

fn drawn() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(format!("{KEY}{}", STANDARD.encode(bytes)))
}

fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// Where a secret is kept: a seal is bound to it.
fn place(name: &str) -> String {
    format!("s_meta.{PLACE}{name}")
}

async fn stored(workspace: &Workspace, name: &str) -> Result<Option<Stored>> {
    let text = workspace.store.meta_of(&format!("{PLACE}{name}")).await?;
    Ok(text.and_then(|text| Stored::read(name, &text)))
}

/// Writes it with a line of the journal that says who did what, and nothing of the secret.
async fn store(session: &Session, name: &str, text: &str, action: &str) -> Result<()> {
    let write = SystemWrite::SetMeta { name: format!("{PLACE}{name}"), value: text.to_owned() };
    let mut unit = CommitUnit::from(write);
    unit.push(Write::Journal(JournalRow {
        id: Uuid::now_v7(),
        at: session.now,
        entity: JOURNALLED.to_owned(),
        record: crate::settings::place_of(name),
        version: 1,
        action: action.to_owned(),
        actor: (!session.actor.id.is_nil()).then_some(session.actor.id),
        on_behalf: None,
        cause: Some(session.origin.as_str().to_owned()),
        run: None,
        changes: Vec::new(),
    }));
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn keys_are_told_from_what_is_only_sent() {
        assert_eq!(key(&drawn().unwrap()).unwrap().len(), 32);
        assert_eq!(key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap().len(), 24);
        for other in
            ["", "abc", "whsec_", "whsec_AAAA", "whsec_not base64!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        {
            assert_eq!(key(other), None, "{other}");
        }
        assert!(is_name("erp_2") && !is_name("Erp") && !is_name("") && !is_name("2a") && !is_name("a:b"));
    }
}
