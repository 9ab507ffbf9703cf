//! The editors of forms, views and sources, and what was changed with them.

use kontor_view::field::OptionView;
use kontor_view::page::admin::changes::{ChangeCard, ChangesPage, DiffLine, RestorePage, VersionLine};
use kontor_view::page::admin::form_editor::{EditorSection, FormEditorPage, Slot};
use kontor_view::page::admin::view_editor::{EditorColumn, ViewEditorPage};
use kontor_view::page::part::Link;
use kontor_view::page::report_builder::ConditionChoice;

use super::daily::entity;
use super::{Gallery, place};

pub(super) fn designers(gallery: &mut Gallery) {
    let words = gallery.words();
    let slot = |name: &str, label: String, kind: &str, note: &str, selected: bool| Slot {
        name: name.to_owned(),
        label,
        kind: kind.to_owned(),
        note: note.to_owned(),
        selected,
        ..Slot::default()
    };
    let columns = || {
        vec![
            OptionView::new("1", words.count("form_editor.column_count", 1), false),
            OptionView::new("2", words.count("form_editor.column_count", 2), true),
        ]
    };
    let form = FormEditorPage {
        at: place(),
        entity: entity(gallery),
        form_title: gallery.say("Deal, sales", "商机（销售）"),
        name: "deal".to_owned(),
        action: "#".to_owned(),
        try_href: "#".to_owned(),
        back_href: "#".to_owned(),
        sections: vec![
            EditorSection {
                name: "details".to_owned(),
                title: gallery.say("Details", "详情"),
                columns: columns(),
                slots: vec![
                    slot("name", gallery.say("Name", "名称"), "text", &words.t("entity.required"), false),
                    slot("stage", gallery.say("Stage", "阶段"), "choice", "", true),
                    slot("account", gallery.say("Account", "客户"), "link", "", false),
                ],
                ..EditorSection::default()
            },
            EditorSection {
                name: "money".to_owned(),
                title: gallery.say("Money", "金额"),
                columns: columns(),
                slots: vec![slot("amount", gallery.say("Amount", "金额"), "money", "", false)],
                ..EditorSection::default()
            },
        ],
        palette: vec![
            slot("competitor", gallery.say("Competitor", "竞争对手"), "text", "", true),
            slot("related:quotes", gallery.say("Quotes", "报价"), "related", "", false),
        ],
        add_field_href: "#".to_owned(),
        source_href: "#".to_owned(),
        ..FormEditorPage::default()
    };
    gallery.page("admin-form-editor", &form);
    let view = ViewEditorPage {
        at: place(),
        entity: entity(gallery),
        view_title: gallery.say("All open", "全部进行中"),
        name: "open".to_owned(),
        action: "#".to_owned(),
        try_href: "#".to_owned(),
        back_href: "#".to_owned(),
        types: vec![
            OptionView::new("list", words.t("layout.list"), true),
            OptionView::new("board", words.t("layout.board"), false),
        ],
        columns: vec![
            EditorColumn {
                slot: slot("name", gallery.say("Name", "名称"), "text", "", false),
                totals: Vec::new(),
            },
            EditorColumn {
                slot: slot("amount", gallery.say("Amount", "金额"), "money", "", false),
                totals: vec![OptionView::new("sum", words.t("builder.function_sum"), true)],
            },
        ],
        palette: vec![OptionView::new("owner", gallery.say("Owner", "负责人"), false)],
        by: vec![OptionView::new("stage", gallery.say("Stage", "阶段"), true)],
        sums: vec![OptionView::new("amount", gallery.say("Amount", "金额"), true)],
        conditions: vec![ConditionChoice {
            number: "1".to_owned(),
            fields: vec![OptionView::new("stage", gallery.say("Stage", "阶段"), true)],
            operators: vec![OptionView::new("not_in", words.t("operator.not_in"), true)],
            value: "won, lost".to_owned(),
            values: Vec::new(),
        }],
        sorts: vec![OptionView::new(
            "-amount",
            words.with("view_editor.falling", &[("field", &gallery.say("Amount", "金额"))]),
            true,
        )],
        sorts_then: vec![OptionView::new("", words.t("builder.none"), true)],
        source_href: "#".to_owned(),
        ..ViewEditorPage::default()
    };
    gallery.page("admin-view-editor", &view);
}

pub(super) fn changes(gallery: &mut Gallery) {
    let words = gallery.words();
    let diff = |lines: &[(&str, &str)]| {
        lines
            .iter()
            .map(|(sign, text)| DiffLine { sign: (*sign).to_owned(), text: (*text).to_owned() })
            .collect::<Vec<_>>()
    };
    let cards = vec![
        ChangeCard {
            title: gallery.say("Deal: new field Budget confirmed on", "商机：新字段“预算确认日期”"),
            what: "new".to_owned(),
            class: "safe".to_owned(),
            who: "Mara Jensen, 10:12".to_owned(),
            diff: diff(&[
                ("+", "budget_confirmed_on   date"),
                ("+", "  title               Budget confirmed on"),
            ]),
            discard: "entity/deal".to_owned(),
            ..ChangeCard::default()
        },
        ChangeCard {
            title: gallery.say("Deal: remove field Old ERP code", "商机：移除字段“旧 ERP 编码”"),
            what: "removed".to_owned(),
            class: "lossy".to_owned(),
            notes: vec![words.count("changes.values_parked", 1204)],
            diff: diff(&[("-", "legacy_code   text(40)")]),
            used_by: vec![Link {
                href: "#".to_owned(),
                title: gallery.say("Deals by old ERP code", "按旧 ERP 编码的商机"),
                icon: "chart-column".to_owned(),
                note: gallery.say("Breaks", "将失效"),
            }],
            discard: "entity/deal".to_owned(),
            ..ChangeCard::default()
        },
    ];
    let versions = vec![
        VersionLine {
            n: "47".to_owned(),
            title: gallery.say("Ticket: SLA by contract", "工单：按合同的 SLA"),
            note: "4 Mar, Priya Nair".to_owned(),
            exact: "2026-03-04".to_owned(),
            restore_href: String::new(),
            changes_href: "#".to_owned(),
        },
        VersionLine {
            n: "46".to_owned(),
            title: gallery.say("Deal: process path", "商机：流程"),
            note: "26 Feb, Mara Jensen".to_owned(),
            exact: "2026-02-26".to_owned(),
            restore_href: "#".to_owned(),
            changes_href: "#".to_owned(),
        },
    ];
    let sql = vec![
        "alter table r_deal add column budget_confirmed_on date".to_owned(),
        "update r_deal set weighted = amount * probability / 100".to_owned(),
    ];
    let page = ChangesPage {
        at: place(),
        id: "48".to_owned(),
        title: gallery.say("Budget on deals", "商机预算"),
        publish_action: "#".to_owned(),
        discard_action: "#".to_owned(),
        changes: cards.clone(),
        lossy: 1,
        sql: sql.clone(),
        versions: versions.clone(),
        all_versions_href: "#".to_owned(),
        ..ChangesPage::default()
    };
    gallery.page("admin-changes", &page);
    gallery
        .page("admin-changes-none", &ChangesPage { changes: Vec::new(), lossy: 0, sql: Vec::new(), ..page });
    let version = versions.last().cloned().unwrap_or_default();
    gallery.page(
        "admin-restore",
        &RestorePage {
            at: place(),
            version,
            action: "#".to_owned(),
            cancel_href: "#".to_owned(),
            changes: cards,
            lossy: 1,
            refused: 0,
            purged: false,
            sql,
        },
    );
}
