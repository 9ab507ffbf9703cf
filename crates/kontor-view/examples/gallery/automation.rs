//! Pages of scripts, workflows and people.

use kontor_view::field::OptionView;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::jobs::{JobLine, JobsPage};
use kontor_view::page::admin::roles::{RightCell, RightRow, RoleLine, RolePage, RolesPage};
use kontor_view::page::admin::scripts::{ScriptLine, ScriptPage, ScriptsPage, TestRun, TraceLine};
use kontor_view::page::admin::secrets::{HookLine, SecretLine, SecretsPage};
use kontor_view::page::admin::source::LineProblem;
use kontor_view::page::admin::users::{TokensPage, UserLine, UserPage, UsersPage};
use kontor_view::page::admin::workflows::{
    FlowBranch, FlowNode, RunCard, RunStep, WorkflowLine, WorkflowPage, WorkflowsPage,
};
use kontor_view::page::part::{ActionButton, Link, Tab};
use kontor_view::page::profile::{TokenLine, TokenList};
use kontor_view::page::record::Change;

use super::admin::{SCRIPT, editor, tab};
use super::fields::field;
use super::{Gallery, place};

pub fn scripts(gallery: &mut Gallery) {
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

pub fn workflows(gallery: &mut Gallery) {
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
            FlowBranch {
                title: words.t("workflows.then"),
                nodes: vec![task.clone(), wait.clone(), mail],
                add_href: "#".to_owned(),
            },
            FlowBranch {
                add_href: String::new(),
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

pub fn people(gallery: &mut Gallery) {
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
        fields: words.t("roles.fields_all"),
        fields_href: "#".to_owned(),
    };
    let page = RolePage {
        at: place(),
        name: "representative".to_owned(),
        heading: gallery.say("Representative", "销售代表"),
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
        "admin-secrets",
        &SecretsPage {
            at: place(),
            hooks: vec![HookLine {
                title: "Orders of the shop".to_owned(),
                address: "/w/main/api/v1/hooks/shop".to_owned(),
                active: true,
                secret: "shop".to_owned(),
                refused: "3 times, last today".to_owned(),
                ..HookLine::default()
            }],
            secrets: vec![SecretLine {
                name: "shop".to_owned(),
                sort: "Signs".to_owned(),
                changed: "Today, Mara Jensen".to_owned(),
                users: vec!["Orders of the shop".to_owned()],
                action: "#".to_owned(),
                ..SecretLine::default()
            }],
            action: "#".to_owned(),
            ..SecretsPage::default()
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
