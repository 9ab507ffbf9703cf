//! Files: the same content once, held by one record, and gone when nobody holds it any more.

use chrono::{DateTime, TimeDelta, Utc};
use kontor_store::system::{FileRow, FileWrite, Holder, SystemWrite};
use kontor_store::{CommitError, CommitUnit};
use uuid::Uuid;

use super::workspace::{Workspace, now, on_both};

async fn write(workspace: &Workspace, writes: Vec<SystemWrite>) -> Result<(), CommitError> {
    let mut unit = CommitUnit::new();
    for one in writes {
        unit.system(one);
    }
    workspace.store.commit(&workspace.model, unit).await.map(|_| ())
}

fn file(hash: &str, at: DateTime<Utc>) -> FileRow {
    FileRow {
        id: Uuid::now_v7(),
        hash: hash.into(),
        name: "图纸.png".into(),
        media_type: "image/png".into(),
        size: 6,
        pixels: Some((3, 2)),
        author: Some(Uuid::now_v7()),
        at,
        holder: None,
    }
}

/// Everything that one file takes, as a receiver writes it.
fn arriving(row: &FileRow, at: DateTime<Utc>) -> Vec<SystemWrite> {
    let content = Uuid::now_v7();
    let part = |n: i64, bytes: &[u8]| {
        SystemWrite::File(FileWrite::AddContentPart { content, n, bytes: bytes.to_vec() })
    };
    vec![
        FileWrite::BeginContent { id: content, at }.into(),
        part(0, b"abc"),
        part(1, b"\0\xffz"),
        FileWrite::EndContent { id: content, hash: row.hash.clone() }.into(),
        FileWrite::AddFile(row.clone()).into(),
    ]
}

fn holder(record: Uuid) -> Holder {
    Holder { entity: "company".into(), record, field: "logo".into() }
}

#[tokio::test]
async fn the_same_content_is_kept_once() {
    for workspace in on_both().await {
        let store = &workspace.store;
        let (one, two) = (file("h1", now()), file("h1", now()));
        write(&workspace, arriving(&one, now())).await.unwrap();
        write(&workspace, arriving(&two, now())).await.unwrap();
        assert_eq!(store.count_files().await.unwrap(), (1, 2));
        assert_eq!(store.file(one.id).await.unwrap(), Some(one.clone()));
        assert_eq!(store.content_part("h1", 0).await.unwrap().as_deref(), Some(&b"abc"[..]));
        assert_eq!(store.content_part("h1", 1).await.unwrap().as_deref(), Some(&b"\0\xffz"[..]));
        assert_eq!(store.content_part("h1", 2).await.unwrap(), None);
        assert_eq!(store.content_part("h2", 0).await.unwrap(), None);
        // A file of a content that is not there is refused.
        let missing = write(&workspace, vec![FileWrite::AddFile(file("h9", now())).into()]).await;
        assert!(matches!(missing, Err(CommitError::Missing { .. })), "{missing:?}");

        let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
        let hold = |record| SystemWrite::File(FileWrite::HoldFile { id: one.id, holder: holder(record) });
        write(&workspace, vec![hold(first)]).await.unwrap();
        write(&workspace, vec![hold(first)]).await.unwrap();
        let stolen = write(&workspace, vec![hold(second)]).await;
        assert!(matches!(stolen, Err(CommitError::Conflict { .. })), "{stolen:?}");
        assert_eq!(store.file(one.id).await.unwrap().unwrap().holder, Some(holder(first)));
        assert!(store.files_of("company", first).await.unwrap().is_empty(), "a field holds it");
    }
}

#[tokio::test]
async fn what_nobody_holds_is_swept() {
    for workspace in on_both().await {
        let store = &workspace.store;
        let old = now() - TimeDelta::days(2);
        let (kept, loose, young) = (file("kept", old), file("loose", old), file("young", now()));
        for row in [&kept, &loose, &young] {
            write(&workspace, arriving(row, old)).await.unwrap();
        }
        let record = Uuid::now_v7();
        write(&workspace, vec![FileWrite::HoldFile { id: kept.id, holder: holder(record) }.into()])
            .await
            .unwrap();
        // A content that never came to its end.
        let torn = Uuid::now_v7();
        let part = SystemWrite::File(FileWrite::AddContentPart { content: torn, n: 0, bytes: vec![1] });
        write(&workspace, vec![FileWrite::BeginContent { id: torn, at: old }.into(), part]).await.unwrap();
        assert_eq!(store.count_files().await.unwrap(), (4, 3));
        let sweep = SystemWrite::File(FileWrite::SweepFiles { before: now() - TimeDelta::days(1) });
        write(&workspace, vec![sweep.clone()]).await.unwrap();
        assert_eq!(store.count_files().await.unwrap(), (2, 2));
        assert!(store.file(loose.id).await.unwrap().is_none());
        assert_eq!(store.content_part("loose", 0).await.unwrap(), None);
        assert!(store.content_part("kept", 1).await.unwrap().is_some());

        // A purged field lets go of its files; they go when their day is over.
        let purge = |field: &str| {
            SystemWrite::File(FileWrite::LetGoOfFiles {
                entity: "company".into(),
                field: field.into(),
                at: old,
            })
        };
        write(&workspace, vec![purge("other"), sweep.clone()]).await.unwrap();
        assert!(store.file(kept.id).await.unwrap().is_some());
        write(&workspace, vec![purge("logo"), sweep]).await.unwrap();
        assert!(store.file(kept.id).await.unwrap().is_none());
        assert_eq!(store.count_files().await.unwrap().1, 1);
    }
}
