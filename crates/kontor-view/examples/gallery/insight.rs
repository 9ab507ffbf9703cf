//! Reports, dashboards, home.

use kontor_view::Html;
use kontor_view::chart::{Category, ChartData, ChartType, Point, Series, draw, sparkline};
use kontor_view::field::OptionView;
use kontor_view::page::dashboard::{DashboardPage, HomePage, Metric, Tile, TileList};
use kontor_view::page::part::Link;
use kontor_view::page::report::{
    ReportCell, ReportColumn, ReportGroup, ReportPage, ReportRow, ReportTable, ReportsPage,
};
use kontor_view::page::report_builder::{ConditionChoice, DimensionChoice, MeasureChoice, ReportBuilderPage};

use super::daily::{customise, deals};
use super::fields::field;
use super::{Gallery, place};

fn data(gallery: &Gallery, id: &str, titles: &[&str], series: &[(&str, &[f64])]) -> ChartData {
    ChartData {
        id: id.to_owned(),
        title: gallery.say("Open amount by stage and industry", "按阶段和行业统计的进行中金额"),
        category_title: gallery.say("Stage", "阶段"),
        categories: titles
            .iter()
            .map(|title| Category { title: (*title).to_owned(), href: "list.html".to_owned() })
            .collect(),
        series: series
            .iter()
            .map(|(title, values)| Series {
                title: (*title).to_owned(),
                points: values
                    .iter()
                    .map(|value| Point {
                        value: Some(*value),
                        text: format!("€{value:.0}k"),
                        href: "list.html".to_owned(),
                    })
                    .collect(),
            })
            .collect(),
        with_table: true,
        ..ChartData::default()
    }
}

const MONTHS: [&str; 9] = ["Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun"];

fn charts(gallery: &Gallery) -> Vec<(&'static str, Html)> {
    let words = gallery.words();
    let stacked = data(
        gallery,
        "s",
        &["Propose", "Negotiate", "Commit"],
        &[
            ("Automotive", &[902.0, 604.0, 322.0]),
            ("Pharma", &[388.0, 204.0, 61.0]),
            ("Food and dairy", &[412.0, 96.0, 88.0]),
            ("Furniture", &[211.0, 310.0, 233.0]),
            ("Grocery", &[467.0, 146.0, 116.0]),
        ],
    );
    let won = data(
        gallery,
        "w",
        &MONTHS,
        &[("Won", &[410.0, 465.0, 620.0, 380.0, 455.0, 512.0, 490.0, 610.0, 655.0])],
    );
    let two = data(
        gallery,
        "t",
        &MONTHS,
        &[
            ("Won", &[410.0, 465.0, 620.0, 380.0, 455.0, 512.0, 490.0, 610.0, 655.0]),
            ("Lost", &[210.0, 265.0, 320.0, 180.0, 255.0, 312.0, 190.0, 310.0, 355.0]),
        ],
    );
    let funnel = data(
        gallery,
        "f",
        &["Qualify", "Discover", "Propose", "Negotiate", "赢单"],
        &[("Deals", &[212.0, 148.0, 96.0, 58.0, 37.0])],
    );
    let bars = data(
        gallery,
        "b",
        &["Mara Jensen", "Tomás Rey", "Aisha Okafor", "李伟 Li Wei", "Jonas Petersen"],
        &[("Won", &[412.0, 316.0, 258.0, 220.0, 141.0])],
    );
    vec![
        ("Stacked bars", draw(ChartType::StackedBar, &stacked, &words)),
        ("Columns", draw(ChartType::Column, &won, &words)),
        (
            "Stacked columns",
            draw(ChartType::StackedColumn, &ChartData { id: "sc".to_owned(), ..two.clone() }, &words),
        ),
        ("Line", draw(ChartType::Line, &two, &words)),
        ("Funnel", draw(ChartType::Funnel, &funnel, &words)),
        ("Bars", draw(ChartType::Bar, &bars, &words)),
        ("Empty", draw(ChartType::Bar, &ChartData::default(), &words)),
    ]
}

fn table(gallery: &Gallery) -> ReportTable {
    let column = |english: &str, chinese: &str, number: bool| ReportColumn {
        title: gallery.say(english, chinese),
        number,
        sort_href: "#".to_owned(),
        sorted: String::new(),
    };
    let text = |text: &str| ReportCell { text: text.to_owned(), ..ReportCell::default() };
    let number = |text: &str| ReportCell {
        text: text.to_owned(),
        href: "list.html".to_owned(),
        number: true,
        ..ReportCell::default()
    };
    let row = |stage: &str, industry: &str, amount: &str, count: &str| ReportRow {
        cells: vec![text(stage), text(industry), number(amount), number(count)],
        ..ReportRow::default()
    };
    ReportTable {
        columns: vec![
            column("Stage", "阶段", false),
            column("Industry", "行业", false),
            column("Sum of amount", "金额合计", true),
            column("Deals", "商机数", true),
        ],
        rows: vec![
            row("Propose", "Automotive", "€902,000", "14"),
            row("Propose", "Pharma", "€388,000", "6"),
            ReportRow { subtotal: true, ..row("Propose", "", "€1,290,000", "20") },
            row("Negotiate", "Automotive", "€604,000", "9"),
        ],
        totals: vec![text(&gallery.words().t("report.total")), text(""), number("€4,560,000"), number("69")],
        ..ReportTable::default()
    }
}

/// Writes the pages.
pub fn pages(gallery: &mut Gallery) {
    let all = charts(gallery);
    let first = all.first().map(|(_, chart)| chart.clone()).unwrap_or_default();
    let mut owner = field("owner", &gallery.say("Owner", "负责人"), "choice", "", "");
    owner.options = vec![OptionView::new("1", "Mara Jensen", false)];
    let report = ReportPage {
        at: place(),
        name: "open".to_owned(),
        title: gallery.say("Open amount by stage and industry", "按阶段和行业统计的进行中金额"),
        description: gallery.say("Everything not yet won or lost.", "尚未赢单或输单的全部商机。"),
        action: "#".to_owned(),
        parameters: vec![
            field("from", &gallery.say("From", "从"), "date", "", "2026-01-01"),
            field("to", &gallery.say("To", "到"), "date", "", ""),
            owner,
        ],
        chart: first.clone(),
        table: table(gallery),
        summary: gallery.say("69 deals · 15 groups", "69 个商机 · 15 组"),
        exports: vec![Link::new("#", "CSV", ""), Link::new("#", "JSON", ""), Link::new("#", "SVG", "")],
        customise: customise(gallery),
        own: Vec::new(),
        ..ReportPage::default()
    };
    gallery.page("report", &report);
    let link = |title: String, note: String| Link {
        href: "report.html".to_owned(),
        title,
        icon: String::new(),
        note,
    };
    let reports = ReportsPage {
        at: place(),
        groups: vec![ReportGroup {
            title: gallery.say("Deals", "商机"),
            reports: vec![
                link(
                    gallery.say("Won amount by month", "每月赢单金额"),
                    gallery.say("What was won, month by month", "逐月赢单情况"),
                ),
                link(gallery.say("Funnel", "漏斗"), String::new()),
            ],
        }],
        dashboards: vec![link(gallery.say("Sales overview", "销售概览"), String::new())],
        metrics: vec![link(gallery.say("Won amount", "赢单金额"), String::new())],
        snapshots: vec![link(gallery.say("Open pipeline by day", "每日进行中商机"), String::new())],
        new_href: "report-builder.html".to_owned(),
        new_dashboard_href: "admin-shape.html".to_owned(),
    };
    gallery.page("reports", &reports);
    let option =
        |value: &str, title: String| OptionView::new(value, title, value == "stage" || value == "sum");
    let fields = || {
        vec![
            option("", gallery.words().t("builder.none")),
            option("stage", gallery.say("Stage", "阶段")),
            option("close_date", gallery.say("Close date", "成交日期")),
        ]
    };
    let words = gallery.words();
    let builder = ReportBuilderPage {
        at: place(),
        action: "#".to_owned(),
        save_action: "#".to_owned(),
        heading: report.title.clone(),
        report_title: report.title.clone(),
        entities: vec![OptionView::new("deal", gallery.say("Deals", "商机"), true)],
        dimensions: vec![
            DimensionChoice {
                name: "rows".to_owned(),
                label: "rows".to_owned(),
                fields: fields(),
                granularities: Vec::new(),
            },
            DimensionChoice {
                name: "columns".to_owned(),
                label: "columns".to_owned(),
                fields: fields(),
                granularities: vec![OptionView::new("month", words.t("builder.by_month"), true)],
            },
        ],
        measures: vec![MeasureChoice {
            number: "1".to_owned(),
            functions: vec![
                option("sum", words.t("builder.function_sum")),
                option("count", words.t("builder.function_count")),
            ],
            fields: fields(),
        }],
        conditions: vec![ConditionChoice {
            number: "1".to_owned(),
            fields: fields(),
            operators: vec![OptionView::new("eq", words.t("operator.eq"), true)],
            value: "propose".to_owned(),
            values: Vec::new(),
        }],
        charts: ["bar", "stacked_bar", "line", "funnel", "none"]
            .into_iter()
            .map(|name| OptionView::new(name, words.t(&format!("builder.chart_{name}")), name == "bar"))
            .collect(),
        chart: first,
        table: table(gallery),
        summary: report.summary.clone(),
        query: "{\n  \"entity\": \"deal\"\n}".to_owned(),
        ..ReportBuilderPage::default()
    };
    gallery.page("report-builder", &builder);
    dashboards(gallery, all);
}

fn dashboards(gallery: &mut Gallery, all: Vec<(&'static str, Html)>) {
    let metric =
        |english: &str, chinese: &str, value: &str, comparison: &str, tone: &str, values: &[f64]| Tile {
            name: english.to_owned(),
            title: gallery.say(english, chinese),
            href: "list.html".to_owned(),
            width: 3,
            metric: Some(Metric {
                value: value.to_owned(),
                exact: "1,350,000".to_owned(),
                comparison: comparison.to_owned(),
                tone: tone.to_owned(),
                spark: sparkline(values),
                ..Metric::default()
            }),
            note: gallery.words().t("dashboard.against"),
            ..Tile::default()
        };
    let mut tiles = vec![
        metric("Won this quarter", "本季度赢单", "€1.35m", "▲ 12%", "up", &[1.0, 2.0, 4.0, 1.5, 2.4, 3.0]),
        metric("Open pipeline", "进行中商机", "€8.41m", "▲ 4%", "up", &[1.0, 1.2, 1.0, 2.0, 2.4, 3.0]),
        metric("Win rate", "赢单率", "27%", "▼ 3", "down", &[3.0, 2.0, 2.5, 1.5, 1.4, 1.0]),
        metric("Days to close", "成交天数", "64", "▼ 6", "up", &[3.0, 2.0, 2.5, 1.5, 1.4, 1.0]),
    ];
    for (index, (title, chart)) in all.into_iter().enumerate() {
        tiles.push(Tile {
            name: format!("chart{index}"),
            title: title.to_owned(),
            href: "report.html".to_owned(),
            width: 6,
            chart,
            ..Tile::default()
        });
    }
    let (columns, rows) = deals(gallery, 4);
    tiles.push(Tile {
        name: "mine".to_owned(),
        title: gallery.say("My deals", "我的商机"),
        href: "list.html".to_owned(),
        width: 12,
        list: Some(TileList { columns, rows }),
        ..Tile::default()
    });
    tiles.push(Tile {
        name: "pivot".to_owned(),
        title: gallery.say("By stage", "按阶段"),
        width: 12,
        table: Some(table(gallery)),
        ..Tile::default()
    });
    tiles.push(Tile {
        name: "broken".to_owned(),
        title: "won_by_region".to_owned(),
        width: 6,
        problem: gallery.say("There is no report won_by_region", "没有报表 won_by_region"),
        ..Tile::default()
    });
    let dashboard = DashboardPage {
        at: place(),
        title: gallery.say("Sales overview", "销售概览"),
        note: gallery.words().with("dashboard.as_of", &[("when", "11:20")]),
        action: "#".to_owned(),
        notices: Vec::new(),
        filters: Vec::new(),
        begin: Vec::new(),
        tiles,
        customise: customise(gallery),
        own: Vec::new(),
    };
    gallery.page("dashboard", &dashboard);
    let link = |icon: &str, title: String, note: &str| Link {
        href: "list.html".to_owned(),
        title,
        icon: icon.to_owned(),
        note: note.to_owned(),
    };
    let words = gallery.words();
    let home = HomePage {
        at: place(),
        name: "Mara".to_owned(),
        entities: vec![
            link("handshake", gallery.say("Deals", "商机"), "148"),
            link("building-2", gallery.say("Accounts", "客户"), "40"),
        ],
        create: Vec::new(),
        recent: vec![link("handshake", "Packing line 4 retrofit".to_owned(), "10:42")],
        portal: false,
        steps: vec![
            link("users", words.t("home.step_users"), &words.t("home.step_users_text")),
            link("upload", words.t("home.step_import"), &words.t("home.step_import_text")),
            link("database", words.t("home.step_model"), &words.t("home.step_model_text")),
        ],
    };
    gallery.page("home", &home);
}
