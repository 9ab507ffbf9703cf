//! The search finds words and parts of Chinese texts, the same on both databases.

use kontor_store::{CommitUnit, Write};
use uuid::Uuid;

use super::workspace::{Workspace, context, on_both, text};

async fn put(workspace: &Workspace, id: Uuid, words: Option<&str>) {
    let mut unit = CommitUnit::new();
    unit.push(Write::Search { entity: "company".into(), id, text: words.map(str::to_owned) });
    workspace.store.commit(&workspace.model, unit).await.unwrap();
}

async fn find(workspace: &Workspace, words: &str) -> String {
    let found = workspace
        .store
        .search(&workspace.model, &workspace.access, "company", words, 10, &context())
        .await
        .unwrap();
    let holding = workspace.store.entities_with(words).await.unwrap();
    assert!(found.is_empty() || holding.contains("company"), "{words}: {holding:?}");
    assert!(holding.iter().all(|key| key == "company"), "{words}: {holding:?}");
    let mut titles: Vec<String> = found.into_iter().map(|found| found.title).collect();
    titles.sort();
    titles.join(" ")
}

#[tokio::test]
async fn words_are_found_in_any_writing() {
    for workspace in on_both().await {
        let texts = [
            ("shanghai", "上海宏图贸易有限公司 Shanghai"),
            ("mueller", "Müller-Lüdenscheidt GmbH & Co. KG, info@mueller.example"),
            ("long", &"wort ".repeat(30_000)),
            ("odd", "it's 'quoted' \"twice\" \\ : * <-> AND NOT ( % _ \u{0} ２０２６"),
        ];
        for (name, words) in texts {
            let id = workspace.add("company", &[("name", text(name))]).await;
            put(&workspace, id, Some(words)).await;
        }
        for (words, expected) in [
            ("宏图", "shanghai"),
            ("图宏", ""),
            ("贸易 shang", "shanghai"),
            ("SHANGHAI", "shanghai"),
            ("müller", "mueller"),
            ("lüdensch", "mueller"),
            ("lüdensch gmbh", ""),
            ("gmbh lüdensch", "mueller"),
            ("info@mueller", "mueller"),
            ("it's", "odd"),
            ("2026", "odd"),
            ("\"quoted\" AND", "odd"),
            ("OR *", ""),
            ("'", ""),
            ("", ""),
            ("wor", "long"),
        ] {
            assert_eq!(find(&workspace, words).await, expected, "{words}");
        }
    }
}

#[tokio::test]
async fn what_changes_is_found_as_it_is_now() {
    for workspace in on_both().await {
        let id = workspace.add("company", &[("name", text("one"))]).await;
        put(&workspace, id, Some("before")).await;
        put(&workspace, id, Some("after")).await;
        assert_eq!(
            (find(&workspace, "before").await, find(&workspace, "after").await),
            (String::new(), "one".into())
        );
        workspace.delete("company", id).await;
        assert_eq!(find(&workspace, "after").await, "", "what is in the bin is not found");
        put(&workspace, id, None).await;
        put(&workspace, id, None).await;
        put(&workspace, id, Some("again")).await;
        assert_eq!(find(&workspace, "after").await, "");
        assert!(workspace.store.entities_with("before").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_better_hit_comes_first() {
    for workspace in on_both().await {
        for (name, words) in
            [("rare", "apple apple apple pie"), ("once", &format!("apple {}", "filler ".repeat(200)))]
        {
            let id = workspace.add("company", &[("name", text(name))]).await;
            put(&workspace, id, Some(words)).await;
        }
        let found = workspace
            .store
            .search(&workspace.model, &workspace.access, "company", "apple", 1, &context())
            .await
            .unwrap();
        assert_eq!(found.iter().map(|found| found.title.as_str()).collect::<Vec<_>>(), ["rare"]);
    }
}
