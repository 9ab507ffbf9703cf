//! Users: a record of the built-in entity, roles beside it, and credentials for those who sign in.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::definition::DefinitionKind;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, Problem, Problems, Value};
use kontor_store::PageQuery;
use kontor_store::system::{CredentialRow, SystemWrite};
use kontor_store::{CommitUnit, Write};
use uuid::Uuid;

use super::password;
use crate::error::{Error, Result};
use crate::permissions::{ADMINISTRATOR, demand_admin};
use crate::records::batch::Batch;
use crate::records::refused::commit_told;
use crate::records::save::prepare;
use crate::records::{Incoming, Save};
use crate::session::Session;
use crate::workspace::Workspace;

/// The right to manage users.
pub const USERS: &str = "users";

/// Somebody new.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// Where mail goes, and the name to sign in with; without one the user cannot sign in.
    pub email: Option<String>,
    /// The name on screen; the part before the `@` when empty.
    pub name: String,
    /// Names of roles.
    pub roles: Vec<String>,
    /// Without one the user cannot sign in yet.
    pub password: Option<String>,
    /// Other fields of the user's record.
    pub values: Vec<(String, Incoming)>,
}

/// A user as administrators see them.
#[derive(Clone, Debug)]
pub struct UserSummary {
    /// The user.
    pub id: Uuid,
    /// The name on screen.
    pub name: String,
    /// Where mail goes.
    pub email: Option<String>,
    /// Names of roles.
    pub roles: Vec<String>,
    /// May act.
    pub active: bool,
    /// Has a password.
    pub can_sign_in: bool,
    /// When they were last seen, in a browser or by a token; a session that ended is forgotten with its time.
    pub seen_at: Option<DateTime<Utc>>,
}

/// Creates a user; returns the id.
///
/// # Errors
/// [`Error::Problems`] at `/email`, `/name`, `/password`, `/roles`; [`Error::Forbidden`].
pub async fn create(session: &Session, user: NewUser) -> Result<Uuid> {
    demand_admin(session, USERS)?;
    let entity = entity(session)?;
    let mut problems = Problems::new();
    check_roles(session, &user.roles, &mut problems);
    let email = user.email.as_deref().map(str::trim).filter(|email| !email.is_empty()).map(str::to_owned);
    if let Some(password) = &user.password {
        problems.0.extend(password::check(password).err().unwrap_or_default());
        if email.is_none() {
            problems.push(Problem::at_field("required", "email").with("field", "email"));
        }
    }
    if let Some(email) = &email
        && by_email(&session.workspace, email).await?.is_some()
    {
        problems.push(Problem::at_field("email_taken", "email").with("value", email));
    }
    let name = match user.name.trim() {
        "" => email.as_deref().and_then(|email| email.split('@').next()).unwrap_or_default().to_owned(),
        name => name.to_owned(),
    };
    let mut values = vec![("name".to_owned(), Incoming::Text(name))];
    if let Some(email) = &email {
        values.push(("email".to_owned(), Incoming::Text(email.clone())));
    }
    let given: Vec<String> = user.values.iter().map(|(name, _)| name.clone()).collect();
    values.extend(user.values);
    if !given.iter().any(|name| name == "active") {
        values.push(("active".to_owned(), Incoming::Value(Value::Boolean(true))));
    }
    let elevated = session.elevated();
    let mut batch = Batch::default();
    let prepared = prepare(&elevated, &mut batch, Save::create(&entity, values)).await;
    let prepared = match prepared {
        Ok(prepared) if problems.is_empty() => prepared,
        Ok(_) => return Err(Error::Problems(problems)),
        Err(Error::Problems(more)) => {
            problems.0.extend(more.0);
            return Err(Error::Problems(problems));
        }
        Err(error) => return Err(error),
    };
    let id = prepared.draft.record.id();
    let mut unit = SystemUnit::default();
    unit.push(SystemWrite::SetUserRoles { user: id, roles: user.roles });
    if let Some(password) = user.password {
        unit.push(credential(session, id, password).await?);
    }
    batch.unit.writes.extend(unit.0);
    commit_told(&elevated, session, &mut batch).await?;
    Ok(id)
}

#[derive(Default)]
struct SystemUnit(Vec<Write>);

impl SystemUnit {
    fn push(&mut self, write: SystemWrite) {
        self.0.push(Write::System(Box::new(write)));
    }
}

async fn credential(session: &Session, user: Uuid, password: String) -> Result<SystemWrite> {
    let hash = session.workspace.passwords.hash(password).await?;
    // A new password is no way around the second factor.
    let second_factor = session.workspace.store.credential(user).await?.and_then(|one| one.second_factor);
    Ok(SystemWrite::PutCredential(CredentialRow {
        user_id: user,
        password: Some(hash),
        disabled: false,
        second_factor,
        changed_at: session.now,
    }))
}

/// Sets a password; all other sessions of the user end.
///
/// # Errors
/// [`Error::Problems`] at `/password`; [`Error::Forbidden`] for somebody else's.
pub async fn set_password(session: &Session, user: Uuid, password: String) -> Result<()> {
    if user != session.actor.id {
        demand_admin(session, USERS)?;
    }
    password::check(&password)?;
    let mut unit = CommitUnit::from(credential(session, user, password).await?);
    unit.system(SystemWrite::DeleteSessionsOf { user, except: None });
    write(session, unit).await
}

/// Gives a user exactly these roles.
///
/// # Errors
/// `unknown_role` at `/roles`; `last_administrator` when nobody would be one any more; [`Error::Forbidden`].
pub async fn set_roles(session: &Session, user: Uuid, roles: Vec<String>) -> Result<()> {
    demand_admin(session, USERS)?;
    let mut problems = Problems::new();
    check_roles(session, &roles, &mut problems);
    if !roles.iter().any(|role| role == ADMINISTRATOR) {
        keep_an_administrator(session, user, "roles", &mut problems).await?;
    }
    problems.into_result(())?;
    let mut unit = CommitUnit::from(SystemWrite::SetUserRoles { user, roles });
    unit.system(SystemWrite::DeleteSessionsOf { user, except: None });
    write(session, unit).await
}

/// Ends a user's access: no sign-in, no sessions, no tokens that work. The record stays.
///
/// # Errors
/// `last_administrator`; [`Error::Forbidden`].
pub async fn disable(session: &Session, user: Uuid) -> Result<()> {
    set_active(session, user, false).await
}

/// Gives a disabled user access again.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn enable(session: &Session, user: Uuid) -> Result<()> {
    set_active(session, user, true).await
}

async fn set_active(session: &Session, user: Uuid, active: bool) -> Result<()> {
    demand_admin(session, USERS)?;
    let entity = entity(session)?;
    if !active {
        let mut problems = Problems::new();
        keep_an_administrator(session, user, "active", &mut problems).await?;
        problems.into_result(())?;
    }
    let elevated = session.elevated();
    let mut batch = Batch::default();
    let values = vec![("active".to_owned(), Incoming::Value(Value::Boolean(active)))];
    prepare(&elevated, &mut batch, Save::update(&entity, user, values)).await?;
    batch.unit.system(SystemWrite::DeleteSessionsOf { user, except: None });
    commit_told(&elevated, session, &mut batch).await?;
    Ok(())
}

/// All users with their roles, by name.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(session: &Session) -> Result<Vec<UserSummary>> {
    demand_admin(session, USERS)?;
    let entity = entity(session)?;
    let index = |name: &str| entity.field_index(name).unwrap_or(system::ID);
    let path = |name: &str| FieldPath::own(entity.name.clone(), index(name));
    let workspace = &session.workspace;
    let mut roles: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (user, role) in workspace.store.all_user_roles().await? {
        roles.entry(user).or_default().push(role);
    }
    let with_password = workspace.store.users_with_password().await?;
    let seen: HashMap<Uuid, DateTime<Utc>> = workspace.store.last_seen().await?.into_iter().collect();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let query = PageQuery {
            entity: entity.name.clone(),
            select: vec![
                FieldPath::own(entity.name.clone(), system::ID),
                path("name"),
                path("email"),
                path("active"),
            ],
            sort: vec![kontor_store::Sort { path: path("name"), descending: false }],
            limit: 500,
            after,
            ..PageQuery::default()
        };
        let page = workspace
            .store
            .page(&session.model, &workspace.full_access, &query, &session.filter_context())
            .await?;
        for row in page.rows {
            let [id, name, email, active] = row.as_slice() else { continue };
            let id = id.as_id().unwrap_or_default();
            found.push(UserSummary {
                id,
                name: name.as_text().unwrap_or_default().to_owned(),
                email: email.as_text().map(str::to_owned),
                roles: roles.remove(&id).unwrap_or_default(),
                active: !matches!(active, Value::Boolean(false)),
                can_sign_in: with_password.contains(&id),
                seen_at: seen.get(&id).copied(),
            });
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

/// The user with this e-mail address, in any case of letters.
///
/// # Errors
/// When the database does not answer.
pub async fn by_email(workspace: &Arc<Workspace>, email: &str) -> Result<Option<Uuid>> {
    let model = workspace.model();
    let Some(entity) = model.entity("user") else { return Ok(None) };
    let Some(field) = entity.field("email") else { return Ok(None) };
    let session = super::system_session(workspace, crate::Origin::Command);
    let Ok(value) = field.kind.parse_text(field, email.trim(), &session.parse_context()) else {
        return Ok(None);
    };
    let query = PageQuery {
        entity: entity.name.clone(),
        select: vec![FieldPath::own(entity.name.clone(), system::ID)],
        filter: Filter::Leaf(Leaf {
            path: FieldPath::own(entity.name.clone(), field.index),
            operator: Operator::Eq,
            operand: Operand::One(value),
        }),
        limit: 1,
        ..PageQuery::default()
    };
    let page =
        workspace.store.page(&model, &workspace.full_access, &query, &session.filter_context()).await?;
    Ok(page.rows.first().and_then(|row| row.first()).and_then(Value::as_id))
}

/// Whether nobody can sign in as administrator yet.
pub(crate) async fn nobody_administers(workspace: &Workspace) -> Result<bool> {
    let roles = workspace.store.all_user_roles().await?;
    Ok(!roles.iter().any(|(_, role)| role == ADMINISTRATOR))
}

/// Says so at `field` when nobody could administer without this user.
pub(crate) async fn keep_an_administrator(
    session: &Session,
    user: Uuid,
    field: &str,
    problems: &mut Problems,
) -> Result<()> {
    let mut others = Vec::new();
    for (other, role) in session.workspace.store.all_user_roles().await? {
        if role == ADMINISTRATOR && other != user {
            others.push(other);
        }
    }
    for other in others {
        if super::actor_of(&session.workspace, &session.model, other).await?.is_some() {
            return Ok(());
        }
    }
    problems.push(Problem::at_field("last_administrator", field));
    Ok(())
}

fn check_roles(session: &Session, roles: &[String], problems: &mut Problems) {
    for role in roles {
        if role != ADMINISTRATOR && session.model.definition(DefinitionKind::Role, role).is_none() {
            let known = session.model.definitions_of(DefinitionKind::Role).map(|(name, _)| name);
            let problem = Problem::at_field("unknown_role", "roles").with("value", role);
            problems.push(problem.among(role, known.chain([ADMINISTRATOR])));
        }
    }
}

/// The entity of people.
pub(super) fn entity(session: &Session) -> Result<Arc<EntityModel>> {
    session
        .model
        .entity("user")
        .cloned()
        .ok_or_else(|| Error::internal("the built-in entity `user` is missing"))
}

async fn write(session: &Session, mut unit: CommitUnit) -> Result<()> {
    unit.push(super::stamp::changed());
    session.commit(unit).await.map_err(Error::internal)?;
    Ok(())
}
