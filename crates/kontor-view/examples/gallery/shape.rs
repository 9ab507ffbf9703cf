//! The form and the documentation that a meta-schema draws.

use kontor_view::field::OptionView;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::shape::{
    DocumentationPage, KeyLine, KeyPart, ShapeField, ShapeItem, ShapePage,
};
use kontor_view::page::part::Link;

use super::admin::tab;
use super::{Gallery, place};

/// Writes the pages.
pub fn write(gallery: &mut Gallery) {
    let (title, chart) = (gallery.say("Title", "标题"), gallery.say("Chart", "图表"));
    let base = gallery.words().t("admin.layer_base");
    let line = |at: &str, label: &str, value: &str| ShapeField {
        at: at.to_owned(),
        sort: "text".to_owned(),
        label: label.to_owned(),
        value: value.to_owned(),
        ..ShapeField::default()
    };
    let show = ShapeField {
        sort: "choice".to_owned(),
        options: vec![OptionView::new("chart", chart.clone(), true)],
        problems: vec![gallery.say("Choose a measure, too", "还须选择度量")],
        ..line("/tiles/0/show", &gallery.say("Show", "显示"), "chart")
    };
    let item = |at: &str, label: String| ShapeItem {
        at: at.to_owned(),
        label,
        note: chart.clone(),
        up: at.ends_with('1'),
        down: at.ends_with('0'),
        from: base.clone(),
        ..ShapeItem::default()
    };
    let tiles = ShapeField {
        sort: "list".to_owned(),
        help: gallery.say("The parts of the page, in reading order.", "页面的各部分，按阅读顺序排列。"),
        items: vec![
            ShapeItem {
                open: true,
                fields: vec![line("/tiles/0/title", &title, ""), show],
                ..item("/tiles/0", gallery.say("Won", "赢单"))
            },
            item("/tiles/1", gallery.say("Open", "进行中")),
        ],
        gone: vec![Link::new("/tiles:tasks", gallery.say("My tasks", "我的任务"), "")],
        may_add: true,
        ..line("/tiles", &gallery.say("Tiles", "卡片"), "")
    };
    let own = gallery.say("Sales", "销售");
    let heading = ShapeField {
        required: true,
        over: base.clone(),
        below: own.clone(),
        ..line("/title", &title, &gallery.say("All sales", "全部销售"))
    };
    let page = ShapePage {
        at: place(),
        kind: "dashboard".to_owned(),
        name: "sales".to_owned(),
        heading: own.clone(),
        lead: gallery.say("A page of reports, numbers and lists.", "由报表、数字和列表组成的页面。"),
        action: "#".to_owned(),
        tabs: vec![
            tab(gallery.words().t("shape.tab_form"), true, ""),
            tab(gallery.words().t("shape.tab_source"), false, ""),
        ],
        open: "/tiles/0".to_owned(),
        fields: vec![heading, tiles],
        draft: DraftState::Changed,
        back_href: "#".to_owned(),
        ..ShapePage::default()
    };
    gallery.page("admin-shape", &page);
    let key = KeyLine {
        key: "title".to_owned(),
        label: title,
        about: gallery.say("What people read.", "显示给用户的名称。"),
        shape: gallery.words().t("documentation.is_text"),
        required: true,
        example: "\"Sales\"".to_owned(),
        ..KeyLine::default()
    };
    let page = DocumentationPage {
        at: place(),
        kind: "dashboard".to_owned(),
        lead: page.lead,
        kinds: vec![tab(gallery.words().t("definition.dashboard.one"), true, "")],
        parts: vec![KeyPart { anchor: "all-keys".to_owned(), keys: vec![key], ..KeyPart::default() }],
        example: "{ \"name\": \"sales\", \"title\": \"Sales\" }".to_owned(),
        example_of: Link::new("#", own, ""),
    };
    gallery.page("admin-documentation", &page);
}
