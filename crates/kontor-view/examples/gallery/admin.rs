//! The administrator's pages.

use kontor_view::chart::{Diagram, DiagramBox, DiagramEdge, diagram};
use kontor_view::field::OptionView;
use kontor_view::icon_names;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::changes::{ChangeCard, ChangesPage, DiffLine, RestorePage, VersionLine};
use kontor_view::page::admin::definitions::{DefinitionLine, DefinitionsPage};
use kontor_view::page::admin::entities::{EntitiesPage, EntityLine, NewEntityPage};
use kontor_view::page::admin::entity::{EntityPage, EntityTab, FieldLine, PartLine, SaveStep};
use kontor_view::page::admin::field::{FieldPage, KindChoice};
use kontor_view::page::admin::form_editor::{EditorSection, FormEditorPage, Slot};
use kontor_view::page::admin::jobs::{JobLine, JobsPage};
use kontor_view::page::admin::roles::{RightCell, RightRow, RoleLine, RolePage, RolesPage};
use kontor_view::page::admin::scripts::{ScriptLine, ScriptPage, ScriptsPage, TestRun, TraceLine};
use kontor_view::page::admin::source::{LineProblem, SourceEditor, SourcePage};
use kontor_view::page::admin::users::{TokensPage, UserLine, UserPage, UsersPage};
use kontor_view::page::admin::view_editor::{EditorColumn, ViewEditorPage};
use kontor_view::page::admin::workflows::{
    FlowBranch, FlowNode, RunCard, RunStep, WorkflowLine, WorkflowPage, WorkflowsPage,
};
use kontor_view::page::part::{ActionButton, Link, Tab};
use kontor_view::page::profile::{TokenLine, TokenList};
use kontor_view::page::record::Change;
use kontor_view::page::report_builder::ConditionChoice;

use super::daily::entity;
use super::fields::field;
use super::{Gallery, place};

const KINDS: [&str; 19] = [
    "text",
    "long_text",
    "integer",
    "decimal",
    "percent",
    "money",
    "boolean",
    "date",
    "datetime",
    "choice",
    "multi_choice",
    "email",
    "phone",
    "url",
    "link",
    "any_link",
    "user",
    "team",
    "autonumber",
];

const SCRIPT: &str = "// Before a deal is saved: keep the probability in step.\nfn before_save(record, old, ctx) {\n  if record.stage == \"won\" {\n    record.probability = 100;\n  }\n}\n\nfn validate(record, old, ctx) {\n  if record.amount > 100_000 && record.approver == () {\n    fail(\"amount\", \"Deals over 100,000 need an approver\");\n  }\n}\n";

fn tab(title: String, current: bool, count: &str) -> Tab {
    Tab { href: "#".to_owned(), title, count: count.to_owned(), current }
}

fn entity_tabs(gallery: &Gallery, current: &str) -> Vec<Tab> {
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

fn editor(gallery: &Gallery, source: &str, problems: Vec<LineProblem>) -> SourceEditor {
    SourceEditor {
        action: "#".to_owned(),
        label: gallery.words().with("source.label", &[("name", "deal")]),
        source: source.to_owned(),
        problems,
        version: "4".to_owned(),
        hint: "Rhai".to_owned(),
        ..SourceEditor::default()
    }
    .with_lines()
}

/// Writes the pages.
pub fn pages(gallery: &mut Gallery) {
    model(gallery);
    designers(gallery);
    changes(gallery);
    scripts(gallery);
    workflows(gallery);
    people(gallery);
}

fn model(gallery: &mut Gallery) {
    let boxes = ["account", "contact", "deal", "product", "activity", "lead"];
    let sample = Diagram {
        title: gallery.words().t("entities.diagram"),
        boxes: boxes
            .iter()
            .map(|name| DiagramBox {
                name: (*name).to_owned(),
                title: (*name).to_owned(),
                href: "#".to_owned(),
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
        .map(|(from, to)| DiagramEdge {
            from: from.to_owned(),
            to: to.to_owned(),
            title: format!("{from} → {to}"),
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
    };
    let entities = EntitiesPage {
        at: place(),
        entities: vec![
            line("deal", gallery.say("Deals", "商机"), "handshake", DraftState::Changed),
            line("account", gallery.say("Accounts", "客户"), "building-2", DraftState::Same),
            line("site_visit", gallery.say("Site visits", "现场拜访"), "map-pin", DraftState::New),
        ],
        diagram: diagram(&sample),
        new_href: "admin-entity-new.html".to_owned(),
    };
    gallery.page("admin-entities", &entities);
    gallery.page(
        "admin-entity-new",
        &NewEntityPage {
            at: place(),
            action: "#".to_owned(),
            cancel_href: "#".to_owned(),
            icon_name: "map-pin".to_owned(),
            icons: icon_names(),
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
            href: "admin-field.html".to_owned(),
            system: false,
            draft,
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
                    words.with("entity.to", &[("entity", &gallery.say("Account", "客户"))]),
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
    let mut maximum = field("maximum", &words.t("field_editor.facet_maximum"), "decimal", "", "");
    maximum.help = String::new();
    let page = FieldPage {
        at: place(),
        entity: entity(gallery),
        is_new: true,
        action: "#".to_owned(),
        cancel_href: "#".to_owned(),
        kinds: KINDS
            .into_iter()
            .map(|name| KindChoice { name: name.to_owned(), href: "#".to_owned(), selected: name == "money" })
            .collect(),
        kind: "money".to_owned(),
        title: gallery.say("Installation budget", "安装预算"),
        name: "installation_budget".to_owned(),
        translations: vec![field(
            "title.zh-CN",
            &words.with("field_editor.translation", &[("language", "简体中文")]),
            "text",
            "",
            "安装预算",
        )],
        facets: vec![
            field("minimum", &words.t("field_editor.facet_minimum"), "decimal", "", "0"),
            maximum,
            field("help", &words.t("field_editor.facet_help"), "text", "", ""),
        ],
        sources: ["typed", "formula", "rollup", "copy"]
            .into_iter()
            .map(|name| tab(words.t(&format!("field_editor.source_{name}")), name == "typed", ""))
            .collect(),
        rules: vec![
            field("required", &words.t("field_editor.facet_required"), "boolean", "", "true"),
            field("unique", &words.t("field_editor.facet_unique"), "boolean", "", ""),
        ],
        ..FieldPage::default()
    };
    gallery.page("admin-field", &page);
    gallery.page(
        "admin-field-edit",
        &FieldPage {
            is_new: false,
            key: "installation_budget".to_owned(),
            used_by: vec![gallery.say("Form “Deal”, section Money", "表单“商机”的“金额”分区")],
            remove_href: "#".to_owned(),
            kinds: Vec::new(),
            ..page
        },
    );
    let slot = |name: &str, label: String, kind: &str, note: &str, selected: bool| Slot {
        name: name.to_owned(),
        label,
        kind: kind.to_owned(),
        note: note.to_owned(),
        selected,
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
            },
            EditorSection {
                name: "money".to_owned(),
                title: gallery.say("Money", "金额"),
                columns: columns(),
                slots: vec![slot("amount", gallery.say("Amount", "金额"), "money", "", false)],
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
        },
        VersionLine {
            n: "46".to_owned(),
            title: gallery.say("Deal: process path", "商机：流程"),
            note: "26 Feb, Mara Jensen".to_owned(),
            exact: "2026-02-26".to_owned(),
            restore_href: "#".to_owned(),
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
            sql,
        },
    );
}

fn scripts(gallery: &mut Gallery) {
    let words = gallery.words();
    let line = ScriptLine {
        name: "entities/deal".to_owned(),
        href: "admin-script.html".to_owned(),
        functions: vec!["before_save".to_owned(), "validate".to_owned()],
        layer: words.t("admin.layer_base"),
        problem: gallery.say("line 4: there is no variable x", "第 4 行：没有变量 x"),
        draft: DraftState::Changed,
    };
    gallery.page(
        "admin-scripts",
        &ScriptsPage {
            at: place(),
            scripts: vec![line],
            new_href: "#".to_owned(),
            suggestions: vec!["entities/account".to_owned()],
        },
    );
    let link = |title: &str, note: String| Link {
        href: "#src".to_owned(),
        title: title.to_owned(),
        icon: String::new(),
        note,
    };
    let script = ScriptPage {
        at: place(),
        name: "entities/deal".to_owned(),
        about: words.with("scripts.on_entity", &[("entity", &gallery.say("Deal", "商机"))]),
        functions: vec![link("before_save", "2".to_owned()), link("validate", "8".to_owned())],
        hooks: vec![link("before_delete", words.t("scripts.hook_before_delete"))],
        limits: vec![
            Link {
                title: words.t("scripts.limit_operations"),
                note: "2,000,000".to_owned(),
                ..Link::default()
            },
            Link { title: words.t("scripts.limit_time"), note: "1 s".to_owned(), ..Link::default() },
        ],
        editor: editor(
            gallery,
            SCRIPT,
            vec![LineProblem {
                line: 9,
                column: "30".to_owned(),
                pointer: String::new(),
                message: gallery.say("Deal has no field approver", "商机没有字段 approver"),
            }],
        ),
        test_action: "#".to_owned(),
        test_functions: vec![OptionView::new("before_save", "before_save", true)],
        records: vec![OptionView::new("1", "Packing line 4 retrofit", true)],
        record: "Packing line 4 retrofit".to_owned(),
        changes: "stage = won".to_owned(),
        run: Some(TestRun {
            passed: false,
            bill: "38 ms · 1,912 · 3 / 100".to_owned(),
            trace: vec![
                TraceLine {
                    line: "4".to_owned(),
                    what: "record.probability".to_owned(),
                    value: "100".to_owned(),
                    failed: false,
                },
                TraceLine {
                    line: "9".to_owned(),
                    what: "record.approver".to_owned(),
                    value: gallery.say("unknown field", "未知字段"),
                    failed: true,
                },
            ],
            changes: vec![Change {
                label: gallery.say("Probability", "成交概率"),
                old: "60%".to_owned(),
                new: "100%".to_owned(),
            }],
        }),
        draft: DraftState::Changed,
        ..ScriptPage::default()
    };
    gallery.page("admin-script", &script);
}

fn workflows(gallery: &mut Gallery) {
    let words = gallery.words();
    let line = WorkflowLine {
        href: "admin-workflow.html".to_owned(),
        title: gallery.say("Large deal follow-up", "大额商机跟进"),
        trigger: gallery.say("When a deal enters Won", "商机进入“赢单”时"),
        active: true,
        runs: "47".to_owned(),
        failed: "1".to_owned(),
        layer: words.t("admin.layer_base"),
        draft: DraftState::Same,
    };
    gallery.page(
        "admin-workflows",
        &WorkflowsPage { at: place(), workflows: vec![line], new_href: "#".to_owned() },
    );
    let node = |icon: &str, tone: &str, title: String, note: String| FlowNode {
        icon: icon.to_owned(),
        tone: tone.to_owned(),
        title,
        note,
        ..FlowNode::default()
    };
    let task = node(
        "square-check",
        "t-accent",
        words.t("step.create"),
        gallery.say("“Send contract” for the owner, due in 1 day", "为负责人创建“发送合同”，1 天内到期"),
    );
    let wait = node("timer", "t-grey", words.t("step.wait"), gallery.say("3 days", "3 天"));
    let mail = FlowNode {
        badge: gallery.say("Failed today", "今天失败"),
        badge_tone: "t-red".to_owned(),
        ..node("mail", "t-accent", words.t("step.message"), String::new())
    };
    let branch = FlowNode {
        branches: vec![
            FlowBranch { title: words.t("workflows.then"), nodes: vec![task.clone(), wait.clone(), mail] },
            FlowBranch {
                title: words.t("workflows.else"),
                nodes: vec![node("pencil", "t-accent", words.t("step.set"), String::new())],
            },
        ],
        ..node(
            "git-compare",
            "t-blue",
            words.t("step.branch"),
            gallery.say("Amount is over €100,000", "金额超过 €100,000"),
        )
    };
    let step = |title: &str, state: &str, note: &str| RunStep {
        title: title.to_owned(),
        state: state.to_owned(),
        note: note.to_owned(),
        when: "2 ms".to_owned(),
    };
    let retry =
        ActionButton { action: "#".to_owned(), title: words.t("workflows.retry"), ..ActionButton::default() };
    let runs = vec![
        RunCard {
            id: "1".to_owned(),
            title: "Store roll-out, 42 sites".to_owned(),
            href: "record.html".to_owned(),
            state: "failed".to_owned(),
            when: "11:04".to_owned(),
            exact: "2026-03-12".to_owned(),
            steps: vec![
                step("Task", "done", ""),
                step("E-mail", "failed", "The mail server refused the address"),
            ],
            actions: vec![retry],
            open: true,
        },
        RunCard {
            id: "2".to_owned(),
            title: "Packing line 4".to_owned(),
            state: "waiting".to_owned(),
            when: "2 d".to_owned(),
            steps: vec![step("Wait", "waiting", "")],
            ..RunCard::default()
        },
        RunCard {
            id: "3".to_owned(),
            title: "Spare parts".to_owned(),
            state: "done".to_owned(),
            when: "9 Mar".to_owned(),
            ..RunCard::default()
        },
    ];
    let tabs = ["flow", "source"]
        .into_iter()
        .map(|name| tab(words.t(&format!("workflows.tab_{name}")), name == "flow", ""))
        .collect();
    let page = WorkflowPage {
        at: place(),
        name: "large_deal".to_owned(),
        title: gallery.say("Large deal follow-up", "大额商机跟进"),
        about: gallery.say("Deal", "商机"),
        active: true,
        toggle_action: "#".to_owned(),
        tabs,
        trigger: node(
            "zap",
            "t-amber",
            words.t("trigger.stage_entered"),
            gallery.say("Stage becomes Won", "阶段变为“赢单”"),
        ),
        condition: Some(node(
            "filter",
            "t-blue",
            words.t("workflows.only_if"),
            gallery.say("Amount is over €100,000", "金额超过 €100,000"),
        )),
        nodes: vec![task, wait, branch],
        runs: runs.clone(),
        runs_note: gallery.say("47 runs in 90 days", "90 天内 47 次运行"),
        ..WorkflowPage::default()
    };
    gallery.page("admin-workflow", &page);
    let job = JobLine {
        title: gallery.say("Send e-mail", "发送邮件"),
        state: "dead".to_owned(),
        attempt: "25".to_owned(),
        when: "11:04".to_owned(),
        failure: "550 mailbox unavailable".to_owned(),
        ..JobLine::default()
    };
    let tabs: Vec<Tab> = ["waiting", "failed", "done", "runs"]
        .into_iter()
        .map(|name| tab(words.t(&format!("jobs.tab_{name}")), name == "failed", ""))
        .collect();
    gallery.page(
        "admin-jobs",
        &JobsPage { at: place(), tabs: tabs.clone(), jobs: vec![job], ..JobsPage::default() },
    );
    gallery.page("admin-jobs-runs", &JobsPage { at: place(), tabs, runs, ..JobsPage::default() });
}

fn people(gallery: &mut Gallery) {
    let words = gallery.words();
    let role = |title: String, description: String, users: &str| RoleLine {
        href: "admin-role.html".to_owned(),
        title,
        description,
        users: users.to_owned(),
        layer: words.t("admin.layer_base"),
        draft: DraftState::Same,
    };
    gallery.page(
        "admin-roles",
        &RolesPage {
            at: place(),
            roles: vec![
                role(
                    gallery.say("Representative", "销售代表"),
                    gallery.say("Sees and changes own deals", "查看和修改自己的商机"),
                    "8",
                ),
                role(gallery.say("Administrator", "管理员"), String::new(), "1"),
            ],
            new_href: "#".to_owned(),
        },
    );
    let verbs = ["create", "read", "update", "delete", "import", "export", "run"];
    let scopes = |chosen: &str| {
        ["none", "own", "team", "all"]
            .into_iter()
            .map(|scope| OptionView::new(scope, words.t(&format!("roles.scope_{scope}")), scope == chosen))
            .collect::<Vec<_>>()
    };
    let row = |entity: &str, title: String, named: bool, chosen: &str| RightRow {
        entity: entity.to_owned(),
        title,
        icon: "database".to_owned(),
        named,
        cells: verbs
            .iter()
            .map(|verb| RightCell { verb: (*verb).to_owned(), scopes: scopes(chosen), inherited: !named })
            .collect(),
        fields: String::new(),
    };
    let page = RolePage {
        at: place(),
        name: "representative".to_owned(),
        role_title: gallery.say("Representative", "销售代表"),
        action: "#".to_owned(),
        cancel_href: "#".to_owned(),
        presets: ["private", "team", "open", "read_only"]
            .into_iter()
            .map(|name| OptionView::new(name, name, name == "private"))
            .collect(),
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        rows: vec![
            row("*", words.t("roles.every_entity"), true, "own"),
            row("deal", gallery.say("Deals", "商机"), true, "team"),
            row("account", gallery.say("Accounts", "客户"), false, "own"),
        ],
        admin: ["design", "users"]
            .into_iter()
            .map(|name| OptionView::new(name, words.t(&format!("roles.admin_{name}")), false))
            .collect(),
        source_href: "#".to_owned(),
        ..RolePage::default()
    };
    gallery.page("admin-role", &page);
    gallery.page("admin-role-fixed", &RolePage { fixed: words.t("roles.all_rights"), ..page });
    let user = |name: &str, state: &str| UserLine {
        href: "admin-user.html".to_owned(),
        name: name.to_owned(),
        email: "someone@hafenwerk.example".to_owned(),
        roles: vec![gallery.say("Representative", "销售代表")],
        team: gallery.say("Industry", "工业"),
        seen: "10:42".to_owned(),
        state: state.to_owned(),
    };
    gallery.page(
        "admin-users",
        &UsersPage {
            at: place(),
            users: vec![
                user("Mara Jensen", "active"),
                user("李伟 Li Wei", "disabled"),
                user("Nadia Brunner", "no_sign_in"),
            ],
            new_href: "#".to_owned(),
            ..UsersPage::default()
        },
    );
    let user = UserPage {
        at: place(),
        is_new: true,
        action: "#".to_owned(),
        cancel_href: "#".to_owned(),
        roles: vec![
            OptionView::new("administrator", gallery.say("Administrator", "管理员"), false),
            OptionView::new("representative", gallery.say("Representative", "销售代表"), true),
        ],
        fields: vec![field("region", &gallery.say("Region", "区域"), "text", "", "")],
        ..UserPage::default()
    };
    gallery.page("admin-user-new", &user);
    gallery.page(
        "admin-user",
        &UserPage {
            is_new: false,
            name: "Mara Jensen".to_owned(),
            email: "mara@hafenwerk.example".to_owned(),
            toggle_action: "#".to_owned(),
            active: true,
            ..user
        },
    );
    gallery.page(
        "admin-tokens",
        &TokensPage {
            at: place(),
            tokens: TokenList {
                action: String::new(),
                tokens: vec![TokenLine {
                    id: "1".to_owned(),
                    name: "ERP".to_owned(),
                    who: "Mara Jensen".to_owned(),
                    ..TokenLine::default()
                }],
                secret: String::new(),
            },
        },
    );
}
