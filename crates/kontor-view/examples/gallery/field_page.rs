//! The page of a field's definition.

use kontor_view::field::OptionView;
use kontor_view::page::admin::field::{FieldPage, KindChoice, KindGroup};
use kontor_view::page::part::Link;

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

pub fn write(gallery: &mut Gallery) {
    let words = gallery.words();
    let mut maximum = field("maximum", &words.t("field_editor.facet_maximum"), "decimal", "", "");
    maximum.help = String::new();
    let page = FieldPage {
        at: place(),
        entity: entity(gallery),
        is_new: true,
        action: "#".to_owned(),
        cancel_href: "#".to_owned(),
        kinds: vec![KindGroup {
            name: "number".to_owned(),
            kinds: KINDS
                .into_iter()
                .map(|name| KindChoice { name: name.to_owned(), selected: name == "money" })
                .collect(),
        }],
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
            .map(|name| {
                OptionView::new(name, words.t(&format!("field_editor.source_{name}")), name == "typed")
            })
            .collect(),
        source: "typed".to_owned(),
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
            heading: gallery.say("Installation budget", "安装预算"),
            key: "installation_budget".to_owned(),
            used_by: vec![Link::new(
                "#",
                gallery.say("Form “Deal”, section Money", "表单“商机”的“金额”分区"),
                "layout-panel-left",
            )],
            remove_href: "#".to_owned(),
            kinds: Vec::new(),
            ..page
        },
    );
}
