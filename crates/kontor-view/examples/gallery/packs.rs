//! Packs: the list, an upgrade with conflicts, and where values come from.

use kontor_view::page::admin::changes::ChangeCard;
use kontor_view::page::admin::packs::{MergeRow, OriginPage, OriginRow, PackChangePage, PackLine, PacksPage};
use kontor_view::page::part::Link;

use super::{Gallery, place};

pub fn pages(gallery: &mut Gallery) {
    list(gallery);
    upgrade(gallery);
    origin(gallery);
}

fn list(gallery: &mut Gallery) {
    let words = gallery.words();
    let line = |name: &str, title: String, version: &str| PackLine {
        name: name.to_owned(),
        title,
        version: version.to_owned(),
        definitions: "48".to_owned(),
        ..PackLine::default()
    };
    let upgrade = Link::new("#", words.with("packs.upgrade_to", &[("version", "0.2.0")]), "arrow-up");
    let install = Link::new("#", words.t("packs.install"), "plus");
    let base =
        PackLine { act: Some(upgrade), ..line("base", gallery.say("Base CRM", "基础 CRM"), "0.1.0") };
    let visits = PackLine {
        remove_href: "#".to_owned(),
        rests_on: "base 0.1.0".to_owned(),
        description: gallery.say("Visits at customers' sites.", "到客户现场的拜访。"),
        ..line("site_visits", gallery.say("Site visits", "现场拜访"), "1.0.0")
    };
    let offered = PackLine {
        act: Some(install),
        is_offered: true,
        rests_on: "base >=0.1".to_owned(),
        ..line("assets", gallery.say("Assets", "资产"), "2.1.0")
    };
    let page = PacksPage {
        at: place(),
        installed: vec![base, visits],
        available: vec![offered],
        own: "12".to_owned(),
        own_href: "#".to_owned(),
    };
    gallery.page("admin-packs", &page);
    gallery.page("admin-packs-none", &PacksPage { available: Vec::new(), ..page });
}

fn upgrade(gallery: &mut Gallery) {
    let row = |place: &str, before: &str, theirs: &str, ours: &str, side: &str| MergeRow {
        place: place.to_owned(),
        words: place.replace('/', " › "),
        href: "#".to_owned(),
        before: before.to_owned(),
        theirs: theirs.to_owned(),
        ours: ours.to_owned(),
        side: side.to_owned(),
        is_vanished: theirs.is_empty(),
    };
    let page = PackChangePage {
        at: place(),
        act: "upgrade".to_owned(),
        title: gallery.say("Assets", "资产"),
        from: "1.0.0".to_owned(),
        to: "2.0.0".to_owned(),
        action: "#".to_owned(),
        cancel_href: "#".to_owned(),
        conflicts: vec![
            row("entity/asset/properties/state/title", "\"State\"", "\"Condition\"", "\"Shape\"", "ours"),
            row("entity/asset/properties/serial", "{\"kind\":\"text\"}", "", "{\"kind\":\"text\"}", "ours"),
        ],
        kept: vec![row("entity/asset/plural", "\"Assets\"", "\"Assets\"", "\"Machines\"", "ours")],
        taken: vec![row("entity/asset/title", "\"Asset\"", "\"Thing\"", "\"Asset\"", "theirs")],
        back: vec![Link {
            note: "our_assets".to_owned(),
            ..Link::new("", gallery.say("View Ours", "视图“我们的”"), "")
        }],
        changes: vec![ChangeCard {
            title: gallery.say("Asset: new field Maker", "资产：新字段“制造商”"),
            what: "new".to_owned(),
            class: "safe".to_owned(),
            ..ChangeCard::default()
        }],
        sql: vec!["ALTER TABLE \"r_asset\" ADD COLUMN \"maker\" TEXT".to_owned()],
        ..PackChangePage::default()
    };
    gallery.page("admin-pack-upgrade", &page);
    let removal = PackChangePage {
        act: "remove".to_owned(),
        aside: page.back.clone(),
        back: Vec::new(),
        lossy: 1,
        changes: vec![ChangeCard {
            title: gallery.say("Entity Asset removed", "移除实体“资产”"),
            what: "removed".to_owned(),
            class: "lossy".to_owned(),
            ..ChangeCard::default()
        }],
        ..page
    };
    gallery.page("admin-pack-removal", &removal);
}

fn origin(gallery: &mut Gallery) {
    let row = |place: &str, value: &str, layer: String, below: &str| OriginRow {
        place: place.to_owned(),
        value: value.to_owned(),
        is_own: !below.is_empty(),
        layer,
        since: gallery.words().with("origin.version", &[("n", "12"), ("title", "Q3")]),
        by: "Mara Jensen".to_owned(),
        below_layer: if below.is_empty() { String::new() } else { "site_visits".to_owned() },
        below: below.to_owned(),
        may_go_back: !below.is_empty(),
    };
    let rows = vec![
        row("/title", "\"Visit\"", gallery.words().t("admin.layer_workspace"), "\"Site visit\""),
        row("/properties/day/kind", "\"date\"", "site_visits 1.0.0".to_owned(), ""),
    ];
    let page = OriginPage {
        at: place(),
        title: gallery.say("Site visit", "现场拜访"),
        kind: gallery.words().t("definition.entity.one"),
        name: "site_visit".to_owned(),
        action: "#".to_owned(),
        rows,
        own_only: false,
        other_href: "#".to_owned(),
        ..OriginPage::default()
    };
    gallery.page("admin-origin", &page);
}
