//! What is written to the system tables.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    ApprovalRow, AsideRow, ChangeRow, ChangeSetRow, CommentRow, CredentialRow, DefinitionRow, FigureRow,
    FileWrite, FollowRow, IdempotencyRow, ImportLineRow, ImportRow, NoticeRow, OfferRow, PackContentRow,
    PackRow, ParkedRow, PreferenceRow, PublicationRow, QuestionRow, RunRow, RunStepRow, SavedRow, SessionRow,
    ShareRow, TimerRow, TokenRow, VersionRow,
};
use crate::queue::{Claim, Queue};

/// A write to a system table. `Put` inserts or replaces by the primary key; `Add` fails when the row exists.
#[derive(Clone, Debug)]
pub enum SystemWrite {
    /// A request for an approval: `CommitError::Exists` when one for the same is open.
    AddApproval(ApprovalRow),
    /// A request as it is now; its turn must be the next one: `CommitError::Exists` when somebody was quicker.
    TurnApproval(ApprovalRow),
    /// The figures of a day; those that are kept already stay.
    KeepFigure(FigureRow),
    /// The figures of the days before one are forgotten.
    DropFigures {
        /// The snapshot.
        snapshot: String,
        /// The first day that stays.
        before: NaiveDate,
    },
    /// A definition of a layer.
    PutDefinition(DefinitionRow),
    /// A definition leaves its layer.
    DeleteDefinition {
        /// The layer.
        layer: String,
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
    /// All definitions of a layer leave it.
    ClearLayer {
        /// The layer.
        layer: String,
    },
    /// A pack.
    PutPack(PackRow),
    /// A pack goes, its definitions stay until the layer is cleared.
    DeletePack {
        /// The name.
        name: String,
    },
    /// The content of a pack, kept for going back to it; what is known is not written again.
    KeepPackContent(PackContentRow),
    /// What the workspace said of a pack that goes.
    PutAside(AsideRow),
    /// It is back, or wanted no more.
    DeleteAside {
        /// The pack.
        pack: String,
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
    /// A pack waits for an administrator.
    PutOffer(OfferRow),
    /// It waits no more.
    DeleteOffer {
        /// The pack.
        name: String,
    },
    /// A published version, whose number must be the next one: `CommitError::Moved` otherwise.
    AddVersion(VersionRow),
    /// A change set.
    PutChangeSet(ChangeSetRow),
    /// The draft of its author, where they have none yet; otherwise nothing.
    AddDraft(ChangeSetRow),
    /// What comes with it was made of a change set as it was then: `CommitError::SetMoved` when it is another now. Of two
    /// who do that at the same time, in whichever processes, one waits and is told.
    SeeChangeSet {
        /// The change set.
        id: Uuid,
        /// When it was last changed, as far as the writer knows.
        seen: DateTime<Utc>,
        /// When it is changed now.
        now: DateTime<Utc>,
    },
    /// A change set and its changes go.
    DeleteChangeSet {
        /// The change set.
        id: Uuid,
    },
    /// A change in a change set.
    PutChange(ChangeRow),
    /// A change leaves its change set.
    DeleteChange {
        /// The change set.
        change_set: Uuid,
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
    /// A publication that is a job.
    AddPublication(PublicationRow),
    /// How far it is, or how it ended: `CommitError::LeaseLost` when it has ended already.
    SavePublication(PublicationRow),
    /// A parked column or table.
    Park(ParkedRow),
    /// It is named again.
    Unpark {
        /// The key of the entity.
        entity: String,
        /// The key of the field; empty for the whole entity.
        field: String,
    },
    /// How a user signs in.
    PutCredential(CredentialRow),
    /// Another second factor of a user, in the place of the one that was seen: `CommitError::Conflict` when it is another
    /// one by now.
    SetFactor {
        /// The user.
        user: Uuid,
        /// As it was seen.
        seen: Option<kontor_model::Json>,
        /// As it is now.
        factor: Option<kontor_model::Json>,
    },
    /// A user no longer signs in.
    DeleteCredential {
        /// The user.
        user: Uuid,
    },
    /// Exactly these roles, in any order.
    SetUserRoles {
        /// The user.
        user: Uuid,
        /// The names of the roles.
        roles: Vec<String>,
    },
    /// A session.
    PutSession(SessionRow),
    /// A session was used.
    TouchSession {
        /// The hash.
        hash: String,
        /// When.
        seen_at: DateTime<Utc>,
        /// Until when it lasts now.
        expires_at: DateTime<Utc>,
    },
    /// A session ends.
    DeleteSession {
        /// The hash.
        hash: String,
    },
    /// All sessions of a user end, except one.
    DeleteSessionsOf {
        /// The user.
        user: Uuid,
        /// The hash of the one that stays.
        except: Option<String>,
    },
    /// Sessions that expired before this moment go.
    DeleteExpiredSessions {
        /// The moment.
        before: DateTime<Utc>,
    },
    /// A token.
    AddToken(TokenRow),
    /// A token was used.
    TouchToken {
        /// The token.
        id: Uuid,
        /// When.
        at: DateTime<Utc>,
    },
    /// A token ends.
    DeleteToken {
        /// The token.
        id: Uuid,
    },
    /// A choice of a user.
    PutPreference(PreferenceRow),
    /// A user's choice is no longer made.
    DeletePreference {
        /// The user.
        user: Uuid,
        /// What was chosen.
        name: String,
    },
    /// A view, a report or a dashboard that somebody saved.
    PutSaved(SavedRow),
    /// What was saved goes.
    DeleteSaved {
        /// Which.
        id: Uuid,
    },
    /// Work is done: the event or timer goes; a run only gives back its lease.
    Finish(Claim),
    /// An attempt failed: the work is due again after `attempts⁴` seconds ± 10 %, and dead after 25 attempts.
    Fail {
        /// The leased work.
        claim: Claim,
        /// What went wrong.
        error: String,
        /// Now.
        now: DateTime<Utc>,
    },
    /// The work is given back and is due then; the attempt does not count.
    Release {
        /// The leased work.
        claim: Claim,
        /// Not before.
        due_at: DateTime<Utc>,
    },
    /// Done for now, and due again then, its attempts forgotten: a timer that rings again.
    Again {
        /// The leased work.
        claim: Claim,
        /// Not before.
        due_at: DateTime<Utc>,
    },
    /// Dead or waiting work is due now, its attempts forgotten: the resend button.
    Retry {
        /// The queue.
        queue: Queue,
        /// The work.
        id: Uuid,
        /// Now.
        now: DateTime<Utc>,
    },
    /// An attempt failed under these keys; what failed last at `forgotten` or before does not count any more.
    CountFailure {
        /// What was tried.
        keys: Vec<String>,
        /// Now.
        at: DateTime<Utc>,
        /// What is forgotten.
        forgotten: DateTime<Utc>,
    },
    /// What failed under these keys is forgotten.
    ForgetFailures {
        /// What was tried.
        keys: Vec<String>,
    },
    /// A run begins, unless one with its key did already.
    StartRun(RunRow),
    /// A run moves on under its lease: state, position, data, moments, attempts and error are taken from the
    /// row. `CommitError::LeaseLost` when the row's fence is no longer the run's. The lease is kept while
    /// `leased_until` is set.
    SaveRun(RunRow),
    /// A run is stopped or woken from outside, whoever works on it: its fence rises.
    SetRunState {
        /// The run.
        id: Uuid,
        /// The new state.
        state: String,
        /// When it is looked at again.
        due_at: DateTime<Utc>,
        /// When it ended, if it did.
        ended_at: Option<DateTime<Utc>>,
    },
    /// A run that waits looks again, whoever works on it. One that has ended, or does not wait, stays as it is.
    WakeRun {
        /// The run.
        id: Uuid,
        /// Now.
        now: DateTime<Utc>,
    },
    /// A run of the workflow for the record begins in this unit, and it must be the only one that goes on:
    /// `CommitError::Conflict` when another one does. Who comes second waits for the first.
    RunsAlone {
        /// The workflow's name.
        workflow: String,
        /// The record.
        record: Uuid,
        /// What the record is.
        entity: String,
    },
    /// What a run knows is written in other words, whoever works on it: its fence rises. A run that went on since it was
    /// read stays as it is.
    RewordRun(RunRow),
    /// A step of a run.
    PutStep(RunStepRow),
    /// A timer, by key: due then with this payload, no lease, no attempts.
    PutTimer(TimerRow),
    /// Work under a lease has come this far: the payload of a timer. `CommitError::LeaseLost` when somebody else has
    /// the lease by now.
    MoveTimer {
        /// The leased timer.
        claim: Claim,
        /// Everything that is known of the work now.
        payload: kontor_model::Json,
    },
    /// A timer is due now, whatever it waited for; what it knows stays. A turn that is under way counts no longer, as it may
    /// have begun before the reason for this; one that was given up begins again.
    WakeTimer {
        /// What it is for.
        key: String,
        /// Now.
        now: DateTime<Utc>,
    },
    /// A timer goes.
    DeleteTimer {
        /// What it is for.
        key: String,
    },
    /// An import.
    PutImport(ImportRow),
    /// A line of an import.
    PutImportLine(ImportLineRow),
    /// A first answer: `CommitError::Exists` when there is one.
    AddIdempotency(IdempotencyRow),
    /// A first answer is complete.
    PutIdempotency(IdempotencyRow),
    /// A first answer is forgotten, because the request failed.
    DeleteIdempotency {
        /// Who asked.
        actor: String,
        /// The key that was sent.
        key: String,
    },
    /// First answers given before this moment go.
    DeleteIdempotencyBefore(DateTime<Utc>),
    /// A file, or what it holds.
    File(FileWrite),
    /// A comment, new or changed.
    PutComment(CommentRow),
    /// Somebody follows a record, or has seen what happened to it.
    PutFollow(FollowRow),
    /// Somebody follows it no more.
    DeleteFollow {
        /// The record.
        record: Uuid,
        /// Who.
        user: Uuid,
    },
    /// Somebody is told something; said a second time, it stays as it is.
    AddNotice(NoticeRow),
    /// What lies beside a record stands beside another one from now on.
    MoveBeside {
        /// What of it: `comment`, `file` (the record's own files), `follow`.
        what: &'static str,
        /// The key of the entity and the record beside which it stood.
        from: (String, Uuid),
        /// Where it stands from now on.
        to: (String, Uuid),
    },
    /// People are asked something.
    AddQuestion {
        /// What.
        row: QuestionRow,
        /// Whom.
        people: Vec<Uuid>,
    },
    /// A question that was open is no more: `CommitError::Exists` when somebody else came first.
    CloseQuestion(QuestionRow),
    /// Somebody has seen what they were told.
    SeeNotices {
        /// Who.
        user: Uuid,
        /// What; everything when there is none.
        id: Option<Uuid>,
        /// With what was said of the same record before it.
        earlier: bool,
        /// When.
        at: DateTime<Utc>,
    },
    /// What was told before this moment goes, seen or not.
    DeleteNoticesBefore(DateTime<Utc>),
    /// A record is shared.
    PutShare(ShareRow),
    /// It is not shared any more.
    DeleteShare {
        /// The share.
        id: Uuid,
    },
    /// A setting of the workspace itself.
    SetMeta {
        /// The name; `format` belongs to the store.
        name: String,
        /// The text.
        value: String,
    },
    /// The same in the place of the text that was seen, so that of two who read the same only one goes on:
    /// `CommitError::Conflict` when it is another one by now.
    TurnMeta {
        /// The name.
        name: String,
        /// As it was seen; `None` for what was not set.
        seen: Option<String>,
        /// As it is now.
        value: String,
    },
}
