//! The administrator's pages.

use kontor_view::chart::{EntityBox, EntityDiagram, EntityEdge, entities as draw_entities};
use kontor_view::icon_names;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::definitions::{DefinitionLine, DefinitionsPage};
use kontor_view::page::admin::entities::{EntitiesPage, EntityLine, NewEntityPage};
use kontor_view::page::admin::entity::{
    EntityPage, EntityTab, FieldLine, IconChoice, IconGroup, IconPicker, PartLine, SaveStep,
};
use kontor_view::page::admin::source::{LineProblem, SourceEditor, SourcePage};
use kontor_view::page::part::{Link, Tab};

use super::daily::entity;
use super::design::{changes, designers};
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
