//! Pages of search, imports and the profile.

use kontor_view::field::OptionView;
use kontor_view::page::bin::{BinPage, DeletedRecord, DestroyedRecord};
use kontor_view::page::conflict::{ConflictField, ConflictPage, MergedField};
use kontor_view::page::deletion::DeletionPage;
use kontor_view::page::import::{
    ImportColumn, ImportConstant, ImportMapPage, ImportReason, ImportResultPage, ImportRow, ImportUploadPage,
    PastImport,
};
use kontor_view::page::job::{InboxItem, InboxPage, JobPage};
use kontor_view::page::lists::{ListLine, ListsPage};
use kontor_view::page::part::{EntityHead, Link, Notice, Pager};
use kontor_view::page::profile::{ProfilePage, TokenLine, TokenList};
use kontor_view::page::search::{Hit, HitGroup, SearchPage, mark};

use super::daily::entity;
use super::{Gallery, place};

pub fn rest(gallery: &mut Gallery) {
    let conflict = ConflictPage {
        at: place(),
        entity: entity(gallery),
        record_title: gallery.say("Packing line 4 retrofit", "四号包装线改造"),
        action: "#".to_owned(),
        record_href: "record.html".to_owned(),
        version: "18".to_owned(),
        who: "Tomás Rey".to_owned(),
        when: "11:04".to_owned(),
        fields: vec![
            ConflictField {
                name: "amount".to_owned(),
                label: gallery.say("Amount", "金额"),
                opened: "€184,500".to_owned(),
                theirs: "€179,900".to_owned(),
                mine: "€186,000".to_owned(),
                chosen: "mine".to_owned(),
            },
            ConflictField {
                name: "next_step".to_owned(),
                label: gallery.say("Next step", "下一步"),
                opened: String::new(),
                theirs: gallery.say("Call on Monday", "周一致电"),
                mine: gallery.say("Send weekend plan", "发送周末计划"),
                chosen: "theirs".to_owned(),
            },
        ],
        merged: vec![MergedField {
            label: gallery.say("Competitor", "竞争对手"),
            value: "Keller Fördertechnik".to_owned(),
            mine: false,
        }],
        typed: Vec::new(),
    };
    gallery.page("conflict", &conflict);
    let deletion = DeletionPage {
        at: place(),
        entity: entity(gallery),
        titles: vec![
            gallery.say("Packing line 4 retrofit", "四号包装线改造"),
            "Line controller upgrade".to_owned(),
        ],
        count: 5,
        impacts: vec![gallery.say("3 quotes lose their link to this deal", "3 个报价将失去与此商机的关联")],
        action: "#".to_owned(),
        cancel_href: "list.html".to_owned(),
        ..DeletionPage::default()
    };
    gallery.page("deletion", &deletion);
    let one = DeletionPage {
        titles: vec!["Weidmann".to_owned()],
        count: 1,
        refusals: vec![gallery.say("11 deals link to it", "有 11 个商机与其关联")],
        ..deletion
    };
    gallery.page("deletion-refused", &one);
    let bin = BinPage {
        at: place(),
        entity: entity(gallery),
        records: vec![DeletedRecord {
            id: "1".to_owned(),
            title: "Old offer".to_owned(),
            who: "Mara Jensen".to_owned(),
            when: "10:02".to_owned(),
            exact: "2026-03-12".to_owned(),
            purge_href: "deletion.html".to_owned(),
        }],
        can_restore: true,
        purge_action: "#".to_owned(),
        destroyed: vec![DestroyedRecord {
            id: "0198a7c2".to_owned(),
            who: "Mara Jensen".to_owned(),
            when: "09:40".to_owned(),
            exact: "2026-03-11".to_owned(),
        }],
        pager: Pager::default(),
    };
    gallery.page("bin", &bin);
    gallery.page("bin-empty", &BinPage { records: Vec::new(), ..bin });
    let hit = |title: &str, excerpt: &str, state: String| Hit {
        href: "record.html".to_owned(),
        title: mark(title, "weidmann"),
        excerpt: mark(excerpt, "weidmann"),
        state,
        tone: "t-violet".to_owned(),
    };
    let search = SearchPage {
        at: place(),
        q: "weidmann".to_owned(),
        count: 14,
        groups: vec![
            HitGroup {
                name: "account".to_owned(),
                title: gallery.say("Accounts", "客户"),
                icon: "building-2".to_owned(),
                count: "3".to_owned(),
                hits: vec![
                    hit("Weidmann Antriebstechnik", "Manufacturer · Göppingen", String::new()),
                    hit("Weidmann Service GmbH", "Daughter of Weidmann Antriebstechnik", String::new()),
                ],
                all_href: "#".to_owned(),
                selected: true,
            },
            HitGroup {
                name: "deal".to_owned(),
                title: gallery.say("Deals", "商机"),
                icon: "handshake".to_owned(),
                count: "11".to_owned(),
                hits: vec![hit(
                    "Packing line 4 retrofit",
                    "Weidmann Antriebstechnik · €184,500",
                    gallery.say("Propose", "方案报价"),
                )],
                all_href: "#".to_owned(),
                selected: true,
            },
        ],
    };
    gallery.page("search", &search);
    gallery.page("search-none", &SearchPage { q: "zzz".to_owned(), count: 0, groups: Vec::new(), ..search });
    let item = InboxItem {
        icon: "shield-check".to_owned(),
        tone: "t-violet".to_owned(),
        title: gallery.say("Approve a discount of 12%", "审批 12% 的折扣"),
        note: gallery.say("Store roll-out, 42 sites · asked by Tomás Rey", "42 家门店推广 · Tomás Rey 发起"),
        href: "#".to_owned(),
        when: "10:42".to_owned(),
        exact: "2026-03-12".to_owned(),
        actions: Vec::new(),
        ..InboxItem::default()
    };
    gallery.page("inbox", &InboxPage { at: place(), items: vec![item], ..InboxPage::default() });
    let line = ListLine {
        list: Link::new("list.html", gallery.say("Deals", "商机"), "handshake"),
        new_href: "form.html".to_owned(),
        one: gallery.say("Deal", "商机"),
        about: gallery.say("What may be sold, to whom and when.", "可能卖出什么、卖给谁、何时。"),
    };
    gallery.page("lists", &ListsPage { at: place(), lines: vec![line], ..ListsPage::default() });
    gallery.page("lists-none", &ListsPage { at: place(), q: "zz".to_owned(), ..ListsPage::default() });
    gallery.page("inbox-empty", &InboxPage { at: place(), ..InboxPage::default() });
    gallery.page(
        "job",
        &JobPage {
            at: place(),
            title: gallery.say("Import customers.csv", "导入 customers.csv"),
            state: "running".to_owned(),
            done: 420,
            total: 1240,
            note: "Mara Jensen · 11:02".to_owned(),
            lines: vec!["420 / 1,240".to_owned()],
            ..JobPage::default()
        },
    );
}

pub fn imports(gallery: &mut Gallery) {
    let upload = ImportUploadPage {
        at: place(),
        action: "#".to_owned(),
        entities: vec![
            OptionView::new("account", gallery.say("Accounts", "客户"), true),
            OptionView::new("deal", gallery.say("Deals", "商机"), false),
        ],
        mappings: vec![OptionView::new("erp", "ERP", false)],
        limit: "20 MB".to_owned(),
        imports: vec![
            PastImport {
                href: "#".to_owned(),
                file: "customers-2026-03.csv".to_owned(),
                entity: gallery.say("Accounts", "客户"),
                who: "Mara Jensen".to_owned(),
                when: "10:42".to_owned(),
                exact: "2026-03-12".to_owned(),
                state: "done".to_owned(),
                result: gallery.say("1,237 created, 3 refused", "新建 1,237，拒绝 3"),
            },
            PastImport {
                href: "#".to_owned(),
                file: "leads.xlsx".to_owned(),
                entity: gallery.say("Leads", "线索"),
                who: "Tomás Rey".to_owned(),
                when: gallery.say("3 Mar", "3月3日"),
                state: "undone".to_owned(),
                ..PastImport::default()
            },
        ],
        ..ImportUploadPage::default()
    };
    gallery.page("import-upload", &upload);
    let head = EntityHead {
        name: "account".to_owned(),
        title: gallery.say("account", "客户"),
        plural: gallery.say("accounts", "客户"),
        icon: "building-2".to_owned(),
        description: String::new(),
    };
    let options = |chosen: &str| {
        [
            ("-", gallery.words().t("import.do_not")),
            ("name", gallery.say("Name", "名称")),
            ("owner", gallery.say("Owner", "负责人")),
            ("phone", gallery.say("Phone", "电话")),
        ]
        .into_iter()
        .map(|(value, title)| OptionView::new(value, title, value == chosen))
        .collect::<Vec<_>>()
    };
    let column =
        |number: &str, title: &str, samples: &[&str], kind: &str, goes: &str, state: &str, check: String| {
            ImportColumn {
                number: number.to_owned(),
                title: title.to_owned(),
                samples: samples.iter().map(|one| (*one).to_owned()).collect(),
                looks_like: kind.to_owned(),
                fields: options(goes),
                state: state.to_owned(),
                check,
                ..ImportColumn::default()
            }
        };
    let map = ImportMapPage {
        at: place(),
        entity: head.clone(),
        file: "customers-2026-03.csv · 1,240".to_owned(),
        action: "#".to_owned(),
        cancel_href: "#".to_owned(),
        columns: vec![
            column(
                "1",
                "Kunde",
                &["Dunmore Castings", "Tessera Ceramics"],
                "text",
                "name",
                "fine",
                gallery.say("All 1,240 rows fit", "全部 1,240 行均可导入"),
            ),
            ImportColumn {
                by: vec![OptionView::new("name", gallery.say("Name", "名称"), true)],
                create_missing: true,
                values: "GTXPro = GTX Pro".to_owned(),
                ..column("2", "Betreuer", &["Mara Jensen"], "user", "owner", "fine", String::new())
            },
            column(
                "3",
                "Tel",
                &["+44 114 496 0182", "siehe Akte"],
                "phone",
                "phone",
                "check",
                gallery.say("3 rows are not phone numbers", "有 3 行不是电话号码"),
            ),
            column("4", "Bemerkung", &["–"], "text", "-", "ignored", gallery.say("Left out", "不导入")),
        ],
        constants: vec![ImportConstant {
            name: "industry".to_owned(),
            label: gallery.say("Industry", "行业"),
            value: String::new(),
            required: true,
        }],
        matches: vec![
            OptionView::new("", gallery.words().t("import.always_create"), true),
            OptionView::new("name", gallery.say("Name", "名称"), false),
        ],
        mapping_json: "{\n  \"entity\": \"account\"\n}".to_owned(),
        ..ImportMapPage::default()
    };
    gallery.page("import-map", &map);
    let checked = ImportResultPage {
        at: place(),
        entity: head,
        file: "customers-2026-03.csv".to_owned(),
        state: "checked".to_owned(),
        rows: 1240,
        created: 1200,
        updated: 37,
        refused: 3,
        reasons: vec![
            ImportReason {
                place: "Tel".to_owned(),
                message: gallery.say("Enter a telephone number", "请输入电话号码"),
                values: vec!["siehe Akte (2)".to_owned(), "n/a".to_owned()],
                count: 3,
                warning: false,
            },
            ImportReason {
                place: "Kunde".to_owned(),
                message: gallery.say("Another record has the same name", "已有同名记录"),
                values: vec!["Dunmore".to_owned()],
                count: 12,
                warning: true,
            },
        ],
        problems: vec![ImportRow {
            line: "18".to_owned(),
            title: "Dunmore Castings Ltd".to_owned(),
            href: String::new(),
            place: "Tel".to_owned(),
            value: "siehe Akte".to_owned(),
            message: gallery.say("Enter a telephone number", "请输入电话号码"),
            warning: false,
        }],
        run_action: "#".to_owned(),
        map_href: "import-map.html".to_owned(),
        errors_href: "#".to_owned(),
        ..ImportResultPage::default()
    };
    gallery.page("import-checked", &checked);
    gallery.page(
        "import-running",
        &ImportResultPage {
            state: "running".to_owned(),
            done: 420,
            reasons: Vec::new(),
            problems: Vec::new(),
            ..checked.clone()
        },
    );
    gallery.page(
        "import-done",
        &ImportResultPage {
            state: "done".to_owned(),
            undo_action: "#".to_owned(),
            list_href: "#".to_owned(),
            ..checked
        },
    );
}

pub fn own(gallery: &mut Gallery) {
    let profile = ProfilePage {
        at: place(),
        email: "mara@hafenwerk.example".to_owned(),
        name: "Mara Jensen".to_owned(),
        languages: vec![OptionView::new("en", "English", true), OptionView::new("zh-CN", "简体中文", false)],
        zones: vec![OptionView::new("Europe/Berlin", "Europe/Berlin", true)],
        formats: vec![OptionView::new("", gallery.words().t("profile.formats_own"), true)],
        themes: vec![OptionView::new("system", gallery.words().t("shell.theme_system"), true)],
        densities: vec![OptionView::new("", gallery.words().t("profile.density_comfortable"), true)],
        roles: vec![gallery.say("Administrator", "管理员")],
        tokens: TokenList {
            action: "#".to_owned(),
            tokens: vec![TokenLine {
                id: "1".to_owned(),
                name: "ERP".to_owned(),
                scopes: gallery.say("everything I may", "我的全部权限"),
                created: "3 Mar".to_owned(),
                expires: "1 Jun".to_owned(),
                ..TokenLine::default()
            }],
            secret: "kontor_EXAMPLE".to_owned(),
        },
        problems: Vec::new(),
        ..ProfilePage::default()
    };
    gallery.page("profile", &profile);
    let notice = Notice {
        tone: "t-blue".to_owned(),
        title: gallery.say("Three things wait", "有三项等待处理"),
        lines: Vec::new(),
    };
    gallery.page("inbox-notice", &InboxPage { at: place(), notices: vec![notice], ..InboxPage::default() });
}
