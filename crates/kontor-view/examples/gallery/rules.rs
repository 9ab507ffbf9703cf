//! Rules, conditions, record types, decision tables and settings.

use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::item::{ConditionEditor, ItemPage, Trial, TrialSet};
use kontor_view::page::admin::settings::SettingsPage;
use kontor_view::page::admin::table::{TableCell, TableColumn, TablePage, TableRow};
use kontor_view::page::choose::ChoosePage;
use kontor_view::page::part::{EntityHead, Link, ProblemLine};
use kontor_view::page::report_builder::ConditionChoice;

use super::admin::tab;
use super::{Gallery, place};

pub fn pages(gallery: &mut Gallery) {
    let words = gallery.words();
    let line = |name: &str, label: String, value: &str| FieldView {
        name: name.to_owned(),
        label,
        kind: "text".to_owned(),
        value: value.to_owned(),
        text: value.to_owned(),
        ..FieldView::default()
    };
    let condition = ConditionEditor {
        legend: words.t("item.rule_when"),
        lead: words.t("item.rule_when_lead"),
        joins: ["all", "any"]
            .into_iter()
            .map(|one| OptionView::new(one, words.t(&format!("condition.{one}")), one == "all"))
            .collect(),
        conditions: vec![ConditionChoice {
            number: "1".to_owned(),
            fields: vec![OptionView::new("amount", gallery.say("Amount", "金额"), true)],
            operators: vec![OptionView::new("gt", words.t("operator.gt"), true)],
            value: "100000".to_owned(),
            values: Vec::new(),
        }],
        ..ConditionEditor::default()
    };
    let rule = ItemPage {
        at: place(),
        what: gallery.say("Deals", "商机"),
        heading: gallery.say("Too much", "金额过高"),
        lead: words.t("item.rule_lead"),
        action: "#".to_owned(),
        back_href: "#".to_owned(),
        can_remove: true,
        fields: vec![line("message", words.t("item.message"), &gallery.say("Too much", "金额过高"))],
        condition: Some(condition.clone()),
        ..ItemPage::default()
    };
    gallery.page("admin-rule", &rule);
    gallery.page(
        "admin-duplicate",
        &ItemPage {
            can_try: true,
            condition: Some(ConditionEditor { only_json: true, json: "{}".to_owned(), ..condition }),
            trial: Some(Trial {
                lead: words.with("item.tried", &[("records", "120"), ("alike", "4"), ("sets", "2")]),
                sets: vec![TrialSet { count: "2".to_owned(), records: vec![Link::new("#", "Acme", "")] }],
            }),
            ..rule
        },
    );
    let column = |side: &str, name: &str, title: String| TableColumn {
        side: side.to_owned(),
        number: "1".to_owned(),
        name: name.to_owned(),
        title,
        kinds: vec![OptionView::new("text", words.t("kind.text.title"), true)],
        matches: if side == "in" {
            vec![OptionView::new("eq", words.t("table.match_eq"), true)]
        } else {
            Vec::new()
        },
        asked: String::new(),
    };
    let (tier, rate) = (gallery.say("Tier", "等级"), gallery.say("Rate", "折扣"));
    let cell = |column: &str, label: &str, value: &str| TableCell {
        column: column.to_owned(),
        label: label.to_owned(),
        value: value.to_owned(),
        wrong: value == "?",
    };
    gallery.page(
        "admin-table",
        &TablePage {
            at: place(),
            heading: gallery.say("Discounts", "折扣表"),
            table_title: gallery.say("Discounts", "折扣表"),
            action: "#".to_owned(),
            back_href: "#".to_owned(),
            source_href: "#".to_owned(),
            versions: vec![tab(words.t("table.always"), true, ""), tab("2027".to_owned(), false, "")],
            columns: vec![column("in", "tier", tier.clone()), column("out", "rate", rate.clone())],
            heads: vec![
                Link { note: words.t("table.in"), ..Link::new("", tier.clone(), "") },
                Link { note: words.t("table.out"), ..Link::new("", rate.clone(), "") },
            ],
            rows: vec![TableRow {
                number: "1".to_owned(),
                name: String::new(),
                cells: vec![cell("tier", &tier, "A"), cell("rate", &rate, "?")],
            }],
            from: "0".to_owned(),
            answer: "12".to_owned(),
            warnings: vec![ProblemLine {
                message: gallery.say("Row 2 is never reached", "第 2 行永远不会命中"),
                ..ProblemLine::default()
            }],
            ..TablePage::default()
        },
    );
    gallery.page(
        "admin-settings",
        &SettingsPage {
            at: place(),
            action: "#".to_owned(),
            general: vec![line("workspace.currency", words.t("settings.currency"), "EUR")],
            working: vec![line("workspace.day_monday", words.t("settings.day.monday"), "09:00–17:00")],
            holidays_href: "#".to_owned(),
            own: vec![line("vat", gallery.say("Value added tax", "增值税"), "19")],
            rates_href: "#".to_owned(),
            definitions_href: "#".to_owned(),
            ..SettingsPage::default()
        },
    );
    gallery.page(
        "choose",
        &ChoosePage {
            at: place(),
            entity: EntityHead { title: gallery.say("Activity", "活动"), ..EntityHead::default() },
            choices: vec![Link::new("#", gallery.say("Call", "电话"), "phone")],
            cancel_href: "#".to_owned(),
        },
    );
}
