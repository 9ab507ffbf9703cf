//! The administrator's pages.

use kontor_view::chart::{EntityBox, EntityDiagram, EntityEdge, entities as draw_entities};
use kontor_view::field::OptionView;
use kontor_view::icon_names;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::changes::{ChangeCard, ChangesPage, DiffLine, RestorePage, VersionLine};
use kontor_view::page::admin::definitions::{DefinitionLine, DefinitionsPage};
use kontor_view::page::admin::entities::{EntitiesPage, EntityLine, NewEntityPage};
use kontor_view::page::admin::entity::{
    EntityPage, EntityTab, FieldLine, IconChoice, IconGroup, IconPicker, PartLine, SaveStep,
};
use kontor_view::page::admin::form_editor::{EditorSection, FormEditorPage, Slot};
use kontor_view::page::admin::source::{LineProblem, SourceEditor, SourcePage};
use kontor_view::page::admin::view_editor::{EditorColumn, ViewEditorPage};
use kontor_view::page::part::{Link, Tab};
use kontor_view::page::report_builder::ConditionChoice;

use super::daily::entity;
use super::{Gallery, place};

pub const SCRIPT: &str = "// Before a deal is saved: keep the probability in step.\nfn before_save(record, old, ctx) {\n  if record.stage == \"won\" {\n    record.probability = 100;\n  }\n}\n\nfn validate(record, old, ctx) {\n  if record.amount > 100_000 && record.approver == () {\n    fail(\"amount\", \"Deals over 100,000 need an approver\");\n  }\n}\n";

pub fn tab(title: String, current: bool, count: &str) -> Tab {
    Tab { href: "#".to_owned(), title, count: count.to_owned(), current }
}

pub fn entity_tabs(gallery: &Gallery, current: &str) -> Vec<Tab> {
    ["fields", "forms", "views", "rules", "script", "save", "source"]
        .into_iter()
        .map(|name| {
            tab(
                gallery.words().t(&format!("entity.tab_{name}")),
                name == current,
                if name == "fields" { "24" } else { "" },
            )
        })
        .collect()
}

pub fn editor(gallery: &Gallery, source: &str, problems: Vec<LineProblem>) -> SourceEditor {
    SourceEditor {
        action: "#".to_owned(),
        label: gallery.words().with("source.label", &[("name", "deal")]),
        source: source.to_owned(),
        problems,
        read: String::new(),
        hint: "Rhai".to_owned(),
        ..SourceEditor::default()
    }
    .with_lines()
}

/// Writes the pages.
pub fn pages(gallery: &mut Gallery) {
    model(gallery);
    super::field_page::write(gallery);
    designers(gallery);
    changes(gallery);
    super::automation::scripts(gallery);
    super::automation::workflows(gallery);
    super::automation::people(gallery);
}

fn model(gallery: &mut Gallery) {
    let boxes = ["account", "contact", "deal", "product", "activity", "lead"];
    let sample = EntityDiagram {
        title: gallery.words().t("entities.diagram"),
        boxes: boxes
            .iter()
            .map(|name| EntityBox {
                name: (*name).to_owned(),
                title: (*name).to_owned(),
                href: "#".to_owned(),
                ..EntityBox::default()
            })
            .collect(),
        edges: [
            ("deal", "account"),
            ("contact", "account"),
            ("deal", "product"),
            ("activity", "deal"),
            ("lead", "account"),
        ]
        .into_iter()
        .map(|(from, to)| EntityEdge {
            from: from.to_owned(),
            to: to.to_owned(),
            title: format!("{from} → {to}"),
            ..EntityEdge::default()
        })
        .collect(),
    };
    let line = |name: &str, title: String, icon: &str, draft: DraftState| EntityLine {
        name: name.to_owned(),
        href: "admin-entity.html".to_owned(),
        title,
        icon: icon.to_owned(),
        description: gallery.say("Everything you hope to sell", "您希望成交的机会"),
        layer: gallery.words().t("admin.layer_base"),
        fields: "24".to_owned(),
        records: "2,318".to_owned(),
        draft,
        problem: String::new(),
    };
    let entities = EntitiesPage {
        at: place(),
        entities: vec![
            line("deal", gallery.say("Deals", "商机"), "handshake", DraftState::Changed),
            line("account", gallery.say("Accounts", "客户"), "building-2", DraftState::Same),
            line("site_visit", gallery.say("Site visits", "现场拜访"), "map-pin", DraftState::New),
        ],
        diagram: draw_entities(&sample),
        diagram_href: "#".to_owned(),
        dictionary_href: "#".to_owned(),
        new_href: "admin-entity-new.html".to_owned(),
        ..EntitiesPage::default()
    };
    gallery.page("admin-entities", &entities);
    gallery.page(
        "admin-entity-new",
        &NewEntityPage {
            at: place(),
            action: "#".to_owned(),
            cancel_href: "#".to_owned(),
            icons: IconPicker {
                chosen: "map-pin".to_owned(),
                fitting: vec![IconChoice { name: "map-pin".to_owned(), title: "visit".to_owned() }],
                groups: vec![IconGroup {
                    title: gallery.say("Things", "事物"),
                    icons: icon_names()
                        .into_iter()
                        .map(|name| IconChoice { title: name.clone(), name })
                        .collect(),
                }],
                ..IconPicker::default()
            },
            ..NewEntityPage::default()
        },
    );
    let words = gallery.words();
    let field_line =
        |name: &str, label: String, kind: &str, facets: String, rule: String, draft: DraftState| FieldLine {
            name: name.to_owned(),
            label,
            kind: kind.to_owned(),
            facets,
            rule,
            used: "9".to_owned(),
            layer: gallery.words().t("admin.layer_base"),
            move_action: "#".to_owned(),
            href: "admin-field.html".to_owned(),
            draft,
            ..FieldLine::default()
        };
    let page = EntityPage {
        at: place(),
        entity: entity(gallery),
        layer: words.t("admin.layer_base"),
        tabs: entity_tabs(gallery, "fields"),
        tab: EntityTab {
            name: "fields".to_owned(),
            fields: vec![
                field_line(
                    "name",
                    gallery.say("Name", "名称"),
                    "text",
                    words.with("entity.up_to", &[("limit", "200")]),
                    words.t("entity.required"),
                    DraftState::Same,
                ),
                field_line(
                    "account",
                    gallery.say("Account", "客户"),
                    "link",
                    words.with("entity.to", &[("title", &gallery.say("Account", "客户"))]),
                    String::new(),
                    DraftState::Same,
                ),
                field_line(
                    "stage",
                    gallery.say("Stage", "阶段"),
                    "choice",
                    words.count("entity.option_count", 7),
                    words.t("entity.required"),
                    DraftState::Same,
                ),
                field_line(
                    "budget",
                    gallery.say("Budget confirmed on", "预算确认日期"),
                    "date",
                    String::new(),
                    String::new(),
                    DraftState::New,
                ),
                field_line(
                    "weighted",
                    gallery.say("Weighted amount", "加权金额"),
                    "money",
                    String::new(),
                    words.t("entity.calculated"),
                    DraftState::Changed,
                ),
                field_line(
                    "legacy_code",
                    gallery.say("Old ERP code", "旧 ERP 编码"),
                    "text",
                    String::new(),
                    String::new(),
                    DraftState::Removed,
                ),
            ],
            ..EntityTab::default()
        },
        add_field_href: "admin-field.html".to_owned(),
        records_href: "list.html".to_owned(),
        remove_href: "#".to_owned(),
        origin_href: "#".to_owned(),
        translations_href: "#".to_owned(),
        dictionary_href: "#".to_owned(),
    };
    gallery.page("admin-entity", &page);
    let part = |title: &str| PartLine {
        href: "#".to_owned(),
        title: title.to_owned(),
        icon: "columns-3".to_owned(),
        note: gallery.say("Table", "表格"),
        layer: words.t("admin.layer_base"),
        draft: DraftState::Same,
    };
    let views = EntityTab {
        name: "views".to_owned(),
        parts: vec![part("All open"), part("My deals")],
        new_part: Link::new("#", words.t("entity.new_view"), ""),
        ..EntityTab::default()
    };
    gallery.page(
        "admin-entity-views",
        &EntityPage { tabs: entity_tabs(gallery, "views"), tab: views, ..page.clone() },
    );
    let rules = EntityTab { name: "rules".to_owned(), ..EntityTab::default() };
    gallery.page(
        "admin-entity-rules",
        &EntityPage { tabs: entity_tabs(gallery, "rules"), tab: rules, ..page.clone() },
    );
    let steps = (1..=10)
        .map(|number| SaveStep {
            number: number.to_string(),
            title: words.t(&format!("entity.save_step_{number}")),
            about: words.t(&format!("entity.save_about_{number}")),
            parts: if number == 5 {
                vec![Link {
                    href: "#".to_owned(),
                    title: "entities/deal".to_owned(),
                    icon: "code".to_owned(),
                    note: "before_save".to_owned(),
                }]
            } else {
                Vec::new()
            },
        })
        .collect();
    gallery.page(
        "admin-entity-save",
        &EntityPage {
            tabs: entity_tabs(gallery, "save"),
            tab: EntityTab { name: "save".to_owned(), steps, ..EntityTab::default() },
            ..page.clone()
        },
    );
    let source = editor(
        gallery,
        "{\n  \"name\": \"deal\",\n  \"title\": \"Deal\",\n  \"properties\": {\n    \"name\": { \"kind\": \"txt\" }\n  }\n}\n",
        vec![LineProblem {
            line: 5,
            column: "15".to_owned(),
            pointer: "/properties/name/kind".to_owned(),
            message: gallery.say("There is no kind txt", "没有类型 txt"),
        }],
    );
    gallery.page(
        "admin-entity-source",
        &EntityPage {
            tabs: entity_tabs(gallery, "source"),
            tab: EntityTab {
                name: "source".to_owned(),
                source: Some(source.clone()),
                ..EntityTab::default()
            },
            ..page
        },
    );
    gallery.page(
        "admin-source",
        &SourcePage {
            at: place(),
            kind: "report".to_owned(),
            name: "won_by_month".to_owned(),
            title: gallery.say("Won amount by month", "每月赢单金额"),
            layers: vec![Link {
                title: words.t("admin.layer_base"),
                note: "1.0".to_owned(),
                ..Link::default()
            }],
            editor: source,
            draft: DraftState::Changed,
            discard_action: "#".to_owned(),
            remove_action: "#".to_owned(),
            designer_href: "#".to_owned(),
            keys: vec![Link {
                title: "entity".to_owned(),
                note: gallery.say("What is counted", "统计对象"),
                ..Link::default()
            }],
            ..SourcePage::default()
        },
    );
    let definition = DefinitionLine {
        name: "won_by_month".to_owned(),
        title: gallery.say("Won amount by month", "每月赢单金额"),
        href: "#".to_owned(),
        about: gallery.say("Deals", "商机"),
        layer: words.t("admin.layer_base"),
        when: "10:42".to_owned(),
        problem: "/measures/0".to_owned(),
        draft: DraftState::Changed,
    };
    let kinds = ["report", "dashboard", "form", "view", "process", "app"]
        .into_iter()
        .map(|kind| tab(words.t(&format!("definition.{kind}.plural")), kind == "report", "3"))
        .collect();
    gallery.page(
        "admin-definitions",
        &DefinitionsPage {
            at: place(),
            kind: "report".to_owned(),
            kinds,
            definitions: vec![definition],
            new_href: "#".to_owned(),
            ..DefinitionsPage::default()
        },
    );
    gallery.page(
        "admin-definitions-empty",
        &DefinitionsPage {
            at: place(),
            kind: "process".to_owned(),
            new_href: "#".to_owned(),
            ..DefinitionsPage::default()
        },
    );
}

fn designers(gallery: &mut Gallery) {
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

fn changes(gallery: &mut Gallery) {
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
