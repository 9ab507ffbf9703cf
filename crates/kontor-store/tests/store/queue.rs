//! Work is leased once, kept alive, taken over when its holder is silent, and given up in the end.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kontor_model::Json;
use kontor_store::system::{RunRow, SystemWrite, TimerRow};
use kontor_store::{Claim, CommitError, CommitUnit, LEASE, MAX_ATTEMPTS, NewEvent, Queue, Write};
use serde_json::json;
use uuid::Uuid;

use super::workspace::{Workspace, now, on_both, on_sqlite};

fn event(due_at: DateTime<Utc>, payload: Json) -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        at: now(),
        due_at,
        topic: "record".into(),
        entity: Some("order".into()),
        record: Some(Uuid::now_v7()),
        actor: None,
        payload,
        key: None,
    }
}

async fn enqueue(workspace: &Workspace, events: Vec<NewEvent>) {
    let unit = CommitUnit { writes: events.into_iter().map(Write::Event).collect(), ..CommitUnit::default() };
    workspace.store.commit(&workspace.model, unit).await.unwrap();
}

async fn write(workspace: &Workspace, write: SystemWrite) -> Result<(), CommitError> {
    workspace.store.commit(&workspace.model, CommitUnit::from(write)).await.map(|_| ())
}

async fn lease(workspace: &Workspace, now: DateTime<Utc>) -> Vec<Claim> {
    let events = workspace.store.lease_events(&workspace.model, now, 10).await.unwrap();
    events.iter().map(kontor_store::system::EventRow::claim).collect()
}

fn run(key: &str) -> RunRow {
    RunRow {
        id: Uuid::now_v7(),
        key: key.into(),
        workflow: "onboarding".into(),
        version: 1,
        event: None,
        entity: Some("order".into()),
        record: None,
        actor: None,
        state: "running".into(),
        position: "0".into(),
        data: json!({}),
        started_at: now(),
        updated_at: now(),
        ended_at: None,
        due_at: now(),
        attempts: 0,
        fence: 0,
        leased_until: None,
        dead: false,
        error: None,
    }
}

#[tokio::test]
async fn an_event_is_leased_once_and_in_order() {
    for workspace in on_both().await {
        let early =
            event(now() - TimeDelta::seconds(5), serde_json::from_str(r#"{"b":1.50,"a":[null]}"#).unwrap());
        let late = event(now(), json!({}));
        let future = event(now() + TimeDelta::seconds(60), json!({}));
        enqueue(&workspace, vec![late.clone(), future.clone(), early.clone()]).await;
        let events = workspace.store.lease_events(&workspace.model, now(), 10).await.unwrap();
        assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [early.id, late.id]);
        assert_eq!(events[0].entity.as_deref(), Some("order"));
        assert_eq!(events[0].payload.to_string(), r#"{"b":1.50,"a":[null]}"#, "as it was written");
        assert!(lease(&workspace, now()).await.is_empty());
        assert_eq!(workspace.store.next_due().await.unwrap(), Some(now() - TimeDelta::seconds(5)));
        for event in &events {
            write(&workspace, SystemWrite::Finish(event.claim())).await.unwrap();
        }
        assert_eq!(workspace.store.next_due().await.unwrap(), Some(future.due_at));
        assert_eq!(lease(&workspace, future.due_at).await.len(), 1);
    }
}

#[tokio::test]
async fn many_workers_never_share_work() {
    for workspace in on_both().await {
        enqueue(&workspace, (0..100).map(|n| event(now(), json!(n))).collect()).await;
        let workspace = Arc::new(workspace);
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let workspace = Arc::clone(&workspace);
            workers.spawn(async move {
                let mut got = Vec::new();
                loop {
                    let claims = lease(&workspace, now()).await;
                    if claims.is_empty() {
                        return got;
                    }
                    got.extend(claims.iter().map(|claim| claim.id));
                }
            });
        }
        let mut all = workers.join_all().await.concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 100);
    }
}

#[tokio::test]
async fn a_lost_lease_commits_nothing() {
    for workspace in on_both().await {
        enqueue(&workspace, vec![event(now(), json!({}))]).await;
        let first = lease(&workspace, now()).await[0];
        let later = now() + LEASE + Duration::from_secs(1);
        // With a heartbeat it is kept.
        assert_eq!(
            workspace.store.heartbeat(&[first], now() + Duration::from_secs(20)).await.unwrap(),
            [first]
        );
        assert!(lease(&workspace, later).await.is_empty());
        // Without one it passes to another, and the first can neither finish nor write beside.
        let much_later = later + LEASE;
        let second = lease(&workspace, much_later).await[0];
        assert_eq!((second.id, second.fence), (first.id, first.fence + 1));
        assert!(workspace.store.heartbeat(&[first], much_later).await.unwrap().is_empty());
        let mut unit = CommitUnit::new();
        unit.push(Write::Insert { entity: "order".into(), record: workspace.record("order", &[]) });
        unit.system(SystemWrite::Finish(first));
        let error = workspace.store.commit(&workspace.model, unit).await.unwrap_err();
        assert!(matches!(error, CommitError::LeaseLost(id) if id == first.id), "{error:?}");
        let everything = super::workspace::query(&workspace, "order", &json!({ "all": [] }));
        assert_eq!(workspace.titles(&workspace.access, everything).await, "");
        write(&workspace, SystemWrite::Finish(second)).await.unwrap();
        assert!(lease(&workspace, much_later + LEASE).await.is_empty());
    }
}

#[tokio::test]
async fn a_start_takes_back_leases_on_sqlite() {
    let workspace = on_sqlite().await;
    enqueue(&workspace, vec![event(now(), json!({}))]).await;
    let first = lease(&workspace, now()).await[0];
    assert!(lease(&workspace, now()).await.is_empty());
    workspace.store.take_back_leases().await.unwrap();
    assert_eq!(lease(&workspace, now()).await[0].id, first.id);
    let error = write(&workspace, SystemWrite::Finish(first)).await.unwrap_err();
    assert!(matches!(error, CommitError::LeaseLost(_)));
}

#[tokio::test]
async fn what_keeps_failing_is_dead_and_can_be_sent_again() {
    for workspace in on_both().await {
        enqueue(&workspace, vec![event(now(), json!({}))]).await;
        let mut at = now();
        for attempt in 1..=MAX_ATTEMPTS {
            let claim = *lease(&workspace, at).await.first().unwrap_or_else(|| panic!("attempt {attempt}"));
            write(&workspace, SystemWrite::Fail { claim, error: format!("no {attempt}"), now: at })
                .await
                .unwrap();
            let wait = attempt.pow(4) * 1_000;
            let too_early = at + TimeDelta::milliseconds(wait * 9 / 10 - 1);
            assert!(lease(&workspace, too_early).await.is_empty(), "attempt {attempt}");
            at += TimeDelta::milliseconds(wait * 11 / 10 + 1);
        }
        assert!(lease(&workspace, at).await.is_empty());
        let dead = workspace.store.dead_events(&workspace.model, 10).await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts, dead[0].error.as_deref()), (1, 25, Some("no 25")));
        write(&workspace, SystemWrite::Retry { queue: Queue::Event, id: dead[0].id, now: at }).await.unwrap();
        assert_eq!(lease(&workspace, at).await.len(), 1);
        assert!(workspace.store.dead_events(&workspace.model, 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn one_waiting_event_holds_a_key() {
    for workspace in on_both().await {
        let keyed = |payload| NewEvent { key: Some("reminder".into()), ..event(now(), payload) };
        enqueue(&workspace, vec![keyed(json!(1)), keyed(json!(2))]).await;
        enqueue(&workspace, vec![keyed(json!(3))]).await;
        let events = workspace.store.lease_events(&workspace.model, now(), 10).await.unwrap();
        assert_eq!(events.iter().map(|event| event.payload.clone()).collect::<Vec<_>>(), [json!(1)]);
        write(&workspace, SystemWrite::Finish(events[0].claim())).await.unwrap();
        enqueue(&workspace, vec![keyed(json!(4))]).await;
        assert_eq!(lease(&workspace, now()).await.len(), 1);
    }
}

#[tokio::test]
async fn a_run_begins_once_and_moves_under_its_lease() {
    for workspace in on_both().await {
        let first = run("onboarding 1 e r");
        for row in [first.clone(), run("onboarding 1 e r")] {
            write(&workspace, SystemWrite::StartRun(row)).await.unwrap();
        }
        let leased = workspace.store.lease_runs(&workspace.model, now(), 10).await.unwrap();
        assert_eq!(leased.len(), 1);
        let mut row = leased[0].clone();
        assert_eq!((row.id, row.entity.as_deref()), (first.id, Some("order")));
        row.position = "1".into();
        row.state = "waiting".into();
        row.due_at = now() + TimeDelta::days(2);
        row.leased_until = None;
        write(&workspace, SystemWrite::SaveRun(row.clone())).await.unwrap();
        assert!(workspace.store.lease_runs(&workspace.model, now(), 10).await.unwrap().is_empty());
        let leased = workspace.store.lease_runs(&workspace.model, row.due_at, 10).await.unwrap();
        assert_eq!(leased[0].position, "1");
        let error = write(&workspace, SystemWrite::SaveRun(row.clone())).await.unwrap_err();
        assert!(matches!(error, CommitError::LeaseLost(id) if id == row.id));
        let stop = SystemWrite::SetRunState {
            id: row.id,
            state: "stopped".into(),
            due_at: now(),
            ended_at: Some(now()),
        };
        write(&workspace, stop).await.unwrap();
        let error = write(&workspace, SystemWrite::SaveRun(leased[0].clone())).await.unwrap_err();
        assert!(matches!(error, CommitError::LeaseLost(_)), "whoever worked on it is too late");
        let stored = workspace.store.run(&workspace.model, row.id).await.unwrap().unwrap();
        assert_eq!(stored.state, "stopped");
        assert!(
            workspace.store.lease_runs(&workspace.model, row.due_at + LEASE, 10).await.unwrap().is_empty()
        );
        assert_eq!(workspace.store.runs(&workspace.model, Some("onboarding"), 10).await.unwrap().len(), 1);
        assert_eq!(workspace.store.runs(&workspace.model, Some("other"), 10).await.unwrap().len(), 0);
        assert_eq!(workspace.store.runs(&workspace.model, None, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_run_that_must_be_alone_is() {
    for workspace in on_both().await {
        let (record, other) = (Uuid::now_v7(), Uuid::now_v7());
        let begin = |key: &str, record: Uuid| {
            let alone =
                SystemWrite::RunsAlone { workflow: "onboarding".into(), record, entity: "order".into() };
            let row = RunRow { record: Some(record), ..run(key) };
            let mut unit = CommitUnit::from(alone);
            unit.system(SystemWrite::StartRun(row.clone()));
            (unit, row)
        };
        // Two at once, for one record: one of them begins. For another record nobody waits.
        let (first, second, third) = (begin("a", record).0, begin("b", record).0, begin("c", other).0);
        let (first, second, third) = tokio::join!(
            workspace.store.commit(&workspace.model, first),
            workspace.store.commit(&workspace.model, second),
            workspace.store.commit(&workspace.model, third),
        );
        assert!(third.is_ok());
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let refused = first.err().or(second.err()).unwrap();
        assert!(matches!(refused, CommitError::Conflict { id, .. } if id == record));
        // In place of the one that goes on, another begins.
        let going = workspace.store.runs_of(&workspace.model, record, 10).await.unwrap().remove(0);
        let (begun, row) = begin("d", record);
        let mut unit = CommitUnit::from(SystemWrite::SetRunState {
            id: going.id,
            state: "stopped".into(),
            due_at: now(),
            ended_at: Some(now()),
        });
        unit.writes.extend(begun.writes);
        workspace.store.commit(&workspace.model, unit).await.unwrap();

        // In other words: whoever works on it is too late, and one that went on since it was read stays as it is.
        let leased = workspace.store.lease_runs(&workspace.model, now(), 10).await.unwrap();
        let mut leased = leased.into_iter().find(|one| one.id == row.id).unwrap();
        let open = workspace.store.open_runs(&workspace.model, Uuid::nil(), 10).await.unwrap();
        assert_eq!(open.len(), 2);
        leased.data = json!({ "said": "new" });
        write(&workspace, SystemWrite::RewordRun(leased.clone())).await.unwrap();
        let error = write(&workspace, SystemWrite::SaveRun(leased.clone())).await.unwrap_err();
        assert!(matches!(error, CommitError::LeaseLost(_)));
        leased.data = json!({ "said": "late" });
        write(&workspace, SystemWrite::RewordRun(leased)).await.unwrap();
        let stored = workspace.store.run(&workspace.model, row.id).await.unwrap().unwrap();
        assert_eq!((stored.data, stored.leased_until), (json!({ "said": "new" }), None));
    }
}

#[tokio::test]
async fn a_timer_rings_again() {
    for workspace in on_both().await {
        let timer = |due_at| TimerRow {
            id: Uuid::now_v7(),
            key: "nightly".into(),
            topic: "schedule".into(),
            payload: json!({}),
            due_at,
            attempts: 0,
            fence: 0,
            leased_until: None,
            dead: false,
            error: None,
        };
        write(&workspace, SystemWrite::PutTimer(timer(now() + TimeDelta::hours(1)))).await.unwrap();
        write(&workspace, SystemWrite::PutTimer(timer(now()))).await.unwrap();
        let rung = workspace.store.lease_timers(now(), 10).await.unwrap();
        assert_eq!(rung.len(), 1);
        let tomorrow = now() + TimeDelta::days(1);
        write(&workspace, SystemWrite::Again { claim: rung[0].claim(), due_at: tomorrow }).await.unwrap();
        assert!(workspace.store.lease_timers(now(), 10).await.unwrap().is_empty());
        let leased = workspace.store.lease_timers(tomorrow, 10).await.unwrap();
        assert_eq!(leased.len(), 1);
        // Woken while somebody works on it: what they began before counts no longer.
        let wake = SystemWrite::WakeTimer { key: "nightly".into(), now: now() };
        write(&workspace, wake.clone()).await.unwrap();
        let late = SystemWrite::Again { claim: leased[0].claim(), due_at: tomorrow };
        assert!(matches!(write(&workspace, late).await.unwrap_err(), CommitError::LeaseLost(_)));
        // Given up, it is told, and begins again when it is woken.
        for attempt in 0..MAX_ATTEMPTS {
            let moment = now() + TimeDelta::days(attempt * 30);
            let leased = workspace.store.lease_timers(moment, 10).await.unwrap();
            let fail = SystemWrite::Fail { claim: leased[0].claim(), error: "no".into(), now: moment };
            write(&workspace, fail).await.unwrap();
        }
        assert_eq!(workspace.store.dead_timers().await.unwrap().len(), 1);
        assert!(workspace.store.lease_timers(now() + TimeDelta::days(9_000), 10).await.unwrap().is_empty());
        write(&workspace, wake).await.unwrap();
        assert!(workspace.store.dead_timers().await.unwrap().is_empty());
        let leased = workspace.store.lease_timers(now(), 10).await.unwrap();
        assert_eq!((leased.len(), leased[0].attempts), (1, 0));
        write(&workspace, SystemWrite::DeleteTimer { key: "nightly".into() }).await.unwrap();
        assert!(workspace.store.timers().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn who_waits_for_work_is_told() {
    for workspace in on_both().await {
        let work = workspace.store.work();
        let told = work.notified();
        enqueue(&workspace, vec![event(now(), json!({}))]).await;
        tokio::time::timeout(Duration::from_secs(5), told).await.unwrap();
    }
}
