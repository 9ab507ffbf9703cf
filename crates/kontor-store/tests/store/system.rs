//! System tables: what is written is read back.

use chrono::TimeDelta;
use kontor_store::system::{
    ChangeRow, ChangeSetRow, CredentialRow, IdempotencyRow, ImportLineRow, ImportRow, JournalQuery,
    ParkedRow, PreferenceRow, SessionRow, SystemWrite, TokenRow,
};
use kontor_store::{CommitError, CommitUnit, JournalChange, JournalRow, Write};
use serde_json::json;
use uuid::Uuid;

use super::workspace::{Workspace, compile, definitions, now, on_both};

async fn write(workspace: &Workspace, writes: Vec<SystemWrite>) -> Result<(), CommitError> {
    let mut unit = CommitUnit::new();
    for one in writes {
        unit.system(one);
    }
    workspace.store.commit(&workspace.model, unit).await.map(|_| ())
}

#[tokio::test]
async fn identity_is_read_back() {
    for workspace in on_both().await {
        let (store, user) = (&workspace.store, Uuid::now_v7());
        let credential = |password: Option<&str>, disabled| CredentialRow {
            user_id: user,
            password: password.map(str::to_owned),
            disabled,
            second_factor: None,
            changed_at: now(),
        };
        write(&workspace, vec![SystemWrite::PutCredential(credential(None, false))]).await.unwrap();
        assert!(store.users_with_password().await.unwrap().is_empty());
        write(&workspace, vec![SystemWrite::PutCredential(credential(Some("hash"), false))]).await.unwrap();
        assert_eq!(store.credential(user).await.unwrap(), Some(credential(Some("hash"), false)));
        assert!(store.users_with_password().await.unwrap().contains(&user));
        let roles = |roles: &[&str]| SystemWrite::SetUserRoles {
            user,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        };
        write(&workspace, vec![roles(&["b", "a", "a"])]).await.unwrap();
        assert_eq!(store.user_roles(user).await.unwrap(), ["a", "b"]);
        write(&workspace, vec![roles(&["c"])]).await.unwrap();
        assert_eq!(store.all_user_roles().await.unwrap(), [(user, "c".to_owned())]);
        let session = |hash: &str, hours| SessionRow {
            hash: hash.into(),
            user_id: user,
            csrf: "token".into(),
            created_at: now(),
            seen_at: now(),
            expires_at: now() + TimeDelta::hours(hours),
            address: Some("::1".into()),
            agent: None,
            factors: 1,
        };
        let put = [session("one", 1), session("two", 2), session("old", -1)].map(SystemWrite::PutSession);
        write(&workspace, put.to_vec()).await.unwrap();
        assert_eq!(store.session("one").await.unwrap(), Some(session("one", 1)));
        write(&workspace, vec![SystemWrite::DeleteExpiredSessions { before: now() }]).await.unwrap();
        assert_eq!(store.sessions(user).await.unwrap().len(), 2);
        let except = SystemWrite::DeleteSessionsOf { user, except: Some("two".into()) };
        write(&workspace, vec![except]).await.unwrap();
        assert_eq!(store.sessions(user).await.unwrap(), [session("two", 2)]);
        write(&workspace, vec![SystemWrite::DeleteSessionsOf { user, except: None }]).await.unwrap();
        assert!(store.sessions(user).await.unwrap().is_empty());
        let token = TokenRow {
            id: Uuid::now_v7(),
            hash: "t".into(),
            user_id: user,
            name: "import".into(),
            scopes: json!(["read"]),
            created_at: now(),
            expires_at: None,
            used_at: None,
        };
        write(&workspace, vec![SystemWrite::AddToken(token.clone())]).await.unwrap();
        let twin = TokenRow { id: Uuid::now_v7(), ..token.clone() };
        assert!(matches!(
            write(&workspace, vec![SystemWrite::AddToken(twin)]).await,
            Err(CommitError::Exists(_))
        ));
        write(&workspace, vec![SystemWrite::TouchToken { id: token.id, at: now() }]).await.unwrap();
        let touched = TokenRow { used_at: Some(now()), ..token.clone() };
        assert_eq!(store.token_by_hash("t").await.unwrap(), Some(touched.clone()));
        assert_eq!(store.tokens_of(user).await.unwrap(), [touched]);
        write(&workspace, vec![SystemWrite::DeleteToken { id: token.id }]).await.unwrap();
        assert_eq!(store.token_by_hash("t").await.unwrap(), None);
        let choice = |body| PreferenceRow { user_id: user, name: "language".into(), body };
        for body in [json!("en"), json!("zh-CN")] {
            write(&workspace, vec![SystemWrite::PutPreference(choice(body))]).await.unwrap();
        }
        assert_eq!(store.preferences(user).await.unwrap(), [choice(json!("zh-CN"))]);
    }
}

#[tokio::test]
async fn change_sets_keep_their_changes_as_written() {
    for workspace in on_both().await {
        let set = ChangeSetRow {
            id: Uuid::now_v7(),
            title: "Add a field".into(),
            author: None,
            created_at: now(),
            updated_at: now(),
            base: 1,
            state: "open".into(),
            published: None,
            origin: "page".into(),
        };
        let body = serde_json::from_str(r#"{"z":1.50,"a":{"y":null,"b":[]}}"#).unwrap();
        let change = ChangeRow {
            change_set: set.id,
            kind: "entity".into(),
            name: "deal".into(),
            body: Some(body),
            base: None,
            at: now(),
        };
        write(
            &workspace,
            vec![SystemWrite::PutChangeSet(set.clone()), SystemWrite::PutChange(change.clone())],
        )
        .await
        .unwrap();
        let (found, changes) = workspace.store.change_set(set.id).await.unwrap().unwrap();
        assert_eq!((&found, &changes), (&set, &vec![change]));
        assert_eq!(changes[0].body.as_ref().unwrap().to_string(), r#"{"z":1.50,"a":{"y":null,"b":[]}}"#);
        assert_eq!(workspace.store.change_sets("open").await.unwrap().len(), 1);
        assert_eq!(workspace.store.change_sets("published").await.unwrap().len(), 0);
        write(&workspace, vec![SystemWrite::DeleteChangeSet { id: set.id }]).await.unwrap();
        assert_eq!(workspace.store.change_set(set.id).await.unwrap(), None);
        let aside = ParkedRow {
            entity: "deal".into(),
            field: "color".into(),
            name: "colour".into(),
            body: json!({}),
            at: now(),
        };
        write(&workspace, vec![SystemWrite::Park(aside.clone())]).await.unwrap();
        assert_eq!(workspace.store.parked().await.unwrap(), [aside]);
        let unpark = SystemWrite::Unpark { entity: "deal".into(), field: "color".into() };
        write(&workspace, vec![unpark]).await.unwrap();
        assert!(workspace.store.parked().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn imports_and_first_answers_are_read_back() {
    for workspace in on_both().await {
        let import = ImportRow {
            id: Uuid::now_v7(),
            entity: "order".into(),
            file: "orders.csv".into(),
            mapping: json!({}),
            state: "done".into(),
            dry_run: false,
            lines: 3,
            created: 2,
            updated: 0,
            failed: 1,
            author: None,
            at: now(),
            ended_at: Some(now()),
            error: None,
        };
        let line = |line, action: &str| {
            SystemWrite::PutImportLine(ImportLineRow {
                import: import.id,
                line,
                action: action.into(),
                record: None,
                content: json!({}),
                problems: json!([]),
            })
        };
        let put = SystemWrite::PutImport(import.clone());
        write(&workspace, vec![put, line(3, "created"), line(1, "created"), line(2, "failed")])
            .await
            .unwrap();
        assert_eq!(workspace.store.import(import.id).await.unwrap(), Some(import.clone()));
        assert_eq!(workspace.store.imports(5).await.unwrap().len(), 1);
        let lines = async |action, limit, after| {
            let rows = workspace.store.import_lines(import.id, action, limit, after).await.unwrap();
            rows.into_iter().map(|row| row.line).collect::<Vec<_>>()
        };
        assert_eq!(lines(None, 10, 0).await, [1, 2, 3]);
        assert_eq!(lines(None, 1, 1).await, [2]);
        assert_eq!(lines(Some("failed"), 10, 0).await, [2]);
        let counts = workspace.store.import_line_counts("created").await.unwrap();
        assert_eq!(counts, [(import.id, 2)]);
        let answer = |response: &str| IdempotencyRow {
            actor: "me".into(),
            key: "k".into(),
            request: "hash".into(),
            status: 201,
            headers: json!({}),
            response: response.into(),
            at: now(),
        };
        write(&workspace, vec![SystemWrite::AddIdempotency(answer("first"))]).await.unwrap();
        let again = write(&workspace, vec![SystemWrite::AddIdempotency(answer("second"))]).await;
        assert!(matches!(again, Err(CommitError::Exists(_))));
        assert_eq!(workspace.store.idempotency("me", "k").await.unwrap().unwrap().response, "first");
        assert_eq!(workspace.store.idempotency("you", "k").await.unwrap(), None);
    }
}

#[tokio::test]
async fn history_survives_a_rename() {
    for workspace in on_both().await {
        let record = Uuid::now_v7();
        let row = |version: i64| JournalRow {
            id: Uuid::now_v7(),
            at: now() + TimeDelta::seconds(version / 2),
            entity: "company".into(),
            record,
            version,
            action: "update".into(),
            actor: Some(Uuid::nil()),
            on_behalf: None,
            cause: Some("import:1".into()),
            run: None,
            changes: vec![JournalChange { field: "city".into(), old: json!(null), new: json!("Ulm") }],
        };
        let rows: Vec<JournalRow> = (1..=5).map(row).collect();
        let unit = CommitUnit {
            writes: rows.iter().cloned().map(Write::Journal).collect(),
            ..CommitUnit::default()
        };
        workspace.store.commit(&workspace.model, unit).await.unwrap();
        let newest_first: Vec<JournalRow> = rows.into_iter().rev().collect();
        let company = workspace.entity("company");
        let found = workspace.store.journal_of(&workspace.model, company, record, 10).await.unwrap();
        assert_eq!(found, newest_first);
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let asked =
                JournalQuery { cause: Some("import:1".into()), before, limit: 2, ..JournalQuery::default() };
            let page = workspace.store.journal(&workspace.model, &asked).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some((last.at, last.id));
            seen.extend(page);
        }
        assert_eq!(seen, newest_first);
        let mut renamed = definitions();
        renamed[0]["name"] = json!("firm");
        renamed[0]["key"] = json!("company");
        renamed[0]["properties"]["town"] = json!({ "kind": "text", "title": "Town", "key": "city" });
        renamed[0]["properties"].as_object_mut().unwrap().remove("city");
        renamed[0]["properties"]["parent"]["to"] = json!("firm");
        renamed[0]["unique"] = json!([["name", "town"]]);
        renamed[0]["search"] = json!(["name"]);
        renamed[0]["indexes"] = json!([]);
        renamed[1]["properties"]["company"]["to"] = json!("firm");
        renamed[1]["properties"]["about"]["to"] = json!(["firm", "order"]);
        let model = compile(2, renamed);
        let found =
            workspace.store.journal_of(&model, model.entity("firm").unwrap(), record, 1).await.unwrap();
        assert_eq!((found[0].entity.as_str(), found[0].changes[0].field.as_str()), ("firm", "town"));
    }
}
