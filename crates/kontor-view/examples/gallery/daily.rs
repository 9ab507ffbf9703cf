//! Lists, boards, records, forms: what people do all day.

use super::fields::{cell, stages};
use super::{Gallery, place};
use kontor_view::field::{Cell, OptionView};
use kontor_view::page::board::{BoardPage, Card, CardMove, Lane};
use kontor_view::page::list::{Chip, Emptiness, FilterBar, ListPage};
use kontor_view::page::part::{Column, EntityHead, Layout, Link, Pager, Row, Tab, place_columns};
use kontor_view::page::record::Change;

/// The sample entity.
pub fn entity(gallery: &Gallery) -> EntityHead {
    EntityHead {
        name: "deal".to_owned(),
        title: gallery.say("Deal", "商机"),
        plural: gallery.say("Deals", "商机"),
        icon: "handshake".to_owned(),
        description: gallery.say(
            "Everything you hope to sell, from the first call to the order.",
            "从首次沟通到签单，您希望成交的全部机会。",
        ),
    }
}

/// The "Customise" menu.
pub fn customise(gallery: &Gallery) -> Vec<Link> {
    let words = gallery.words();
    [
        ("add_field", "plus"),
        ("edit_form", "layout-panel-left"),
        ("edit_view", "columns-3"),
        ("rules", "shield-check"),
        ("save_order", "list-checks"),
    ]
    .into_iter()
    .map(|(key, icon)| Link::new("#", words.t(&format!("customise.{key}")), icon))
    .collect()
}

pub fn tabs(gallery: &Gallery) -> Vec<Tab> {
    [
        ("All open", "全部进行中", "148", true),
        ("My deals", "我的商机", "23", false),
        ("Closing this month", "本月成交", "31", false),
        ("Won this year", "今年赢单", "64", false),
    ]
    .into_iter()
    .map(|(english, chinese, count, current)| Tab {
        href: "#".to_owned(),
        title: gallery.say(english, chinese),
        count: count.to_owned(),
        current,
    })
    .collect()
}

fn layouts(current: &str) -> Vec<Layout> {
    ["list", "board"]
        .into_iter()
        .map(|kind| Layout { kind: kind.to_owned(), href: format!("{kind}.html"), current: kind == current })
        .collect()
}

fn filter(gallery: &Gallery) -> FilterBar {
    FilterBar {
        action: "#".to_owned(),
        chips: vec![
            Chip {
                what: gallery.say("Stage is not", "阶段不是"),
                value: gallery.say("Won, Lost", "赢单、输单"),
                wrong: false,
                remove_href: "#".to_owned(),
            },
            Chip {
                what: gallery.say("Close date before", "成交日期早于"),
                value: gallery.say("1 Jul 2026", "2026年7月1日"),
                wrong: false,
                remove_href: "#".to_owned(),
            },
        ],
        fields: vec![
            OptionView::new("stage", gallery.say("Stage", "阶段"), false),
            OptionView::new("amount", gallery.say("Amount", "金额"), false),
        ],
        operators: vec![
            OptionView::new("eq", gallery.words().t("operator.eq"), false),
            OptionView::new("gte", gallery.words().t("operator.gte"), false),
        ],
        clear_href: "#".to_owned(),
        ..FilterBar::default()
    }
}

const DEALS: [(&str, &str, usize, &str, &str, &str); 14] = [
    ("Training and commissioning", "Dunmore Castings", 3, "€12,600", "6 Mar 2026", "Jonas Petersen"),
    ("Palletiser service contract", "Weidmann Antriebstechnik", 3, "€38,400", "10 Mar 2026", "Mara Jensen"),
    ("Spare-parts frame agreement", "Dunmore Castings", 4, "€54,000", "16 Mar 2026", "Jonas Petersen"),
    ("Store roll-out, 42 sites", "Lindqvist Home", 3, "€96,200", "19 Mar 2026", "Tomás Rey"),
    ("Checkout furniture, wave 2", "Bakker & Bloem", 4, "€81,600", "20 Mar 2026", "Tomás Rey"),
    ("Packing line 4 retrofit", "Weidmann Antriebstechnik", 2, "€184,500", "27 Mar 2026", "Mara Jensen"),
    ("Click-and-collect lockers", "Costa Verde Mercados", 2, "€67,900", "2 Apr 2026", "Tomás Rey"),
    ("Line controller upgrade", "Albrecht Pharma", 2, "€46,100", "17 Apr 2026", "Aisha Okafor"),
    ("Energy monitoring add-on", "Weidmann Antriebstechnik", 0, "€17,250", "24 Apr 2026", "Mara Jensen"),
    ("Vision inspection pilot", "Tessera Ceramics", 0, "€22,800", "30 Apr 2026", "Priya Nair"),
    ("Depalletising cell", "Northmoor Dairies", 2, "€119,900", "8 May 2026", "Aisha Okafor"),
    ("Clean-room conveyors", "Albrecht Pharma", 1, "€228,750", "15 May 2026", "Aisha Okafor"),
    ("苏州二期输送系统", "苏州恒力精密机械", 1, "€412,000", "30 Jun 2026", "李伟 Li Wei"),
    ("Shelf labels, 120 stores", "Bakker & Bloem", 1, "€31,000", "", ""),
];

/// Columns and rows of the sample list.
pub fn deals(gallery: &Gallery, count: usize) -> (Vec<Column>, Vec<Row>) {
    let column = |name: &str, english: &str, chinese: &str, number: bool, total: &str| Column {
        name: name.to_owned(),
        title: gallery.say(english, chinese),
        sort_href: "#".to_owned(),
        number,
        total: total.to_owned(),
        ..Column::default()
    };
    let mut columns = vec![
        column("name", "Deal", "商机", false, ""),
        column("account", "Account", "客户", false, ""),
        column("stage", "Stage", "阶段", false, ""),
        column("amount", "Amount", "金额", true, "€8,412,650"),
        column("close_date", "Close date", "成交日期", true, ""),
        column("owner", "Owner", "负责人", false, ""),
        column("next_step", "Next step", "下一步", false, ""),
    ];
    if let Some(close) = columns.get_mut(4) {
        "ascending".clone_into(&mut close.sorted);
    }
    place_columns(&mut columns, |column| column.number);
    let stages = stages(gallery, "");
    let rows = DEALS
        .iter()
        .take(count)
        .enumerate()
        .map(|(index, (name, account, stage, amount, date, owner))| Row {
            id: format!("id{index}"),
            title: (*name).to_owned(),
            href: "record.html".to_owned(),
            cells: vec![
                cell("text", name),
                Cell { href: "#".to_owned(), ..cell("link", account) },
                stages
                    .get(*stage)
                    .map(|option| Cell { tone: option.tone.clone(), ..cell("choice", &option.title) })
                    .unwrap_or_default(),
                cell("money", amount),
                cell("date", date),
                cell("user", owner),
                cell(
                    "text",
                    &gallery
                        .say("Send revised offer and call on Monday morning", "发送修订报价并在周一上午致电"),
                ),
            ],
        })
        .collect();
    (columns, rows)
}

/// Writes the pages.
pub fn pages(gallery: &mut Gallery) {
    lists(gallery);
    super::records::records(gallery);
    super::records::forms(gallery);
    super::tools::rest(gallery);
    super::tools::imports(gallery);
    super::tools::own(gallery);
}

fn lists(gallery: &mut Gallery) {
    let words = gallery.words();
    let (columns, rows) = deals(gallery, 14);
    let list = ListPage {
        at: place(),
        notices: Vec::new(),
        entity: entity(gallery),
        tabs: tabs(gallery),
        layouts: layouts("list"),
        new_href: "form-new.html".to_owned(),
        import_href: "#".to_owned(),
        customise: customise(gallery),
        shape_href: "#".to_owned(),
        filter: filter(gallery),
        columns,
        rows,
        total_count: words.with("list.count", &[("count", "148"), ("entity", &gallery.say("deals", "商机"))]),
        pager: Pager {
            range: words.with("list.range", &[("from", "1"), ("to", "14"), ("total", "148")]),
            previous: String::new(),
            next: "#".to_owned(),
        },
        can_delete: true,
        export_href: "#".to_owned(),
        bin_href: "bin.html".to_owned(),
        emptiness: Emptiness::Filled,
        ..ListPage::default()
    };
    gallery.page("list", &list);
    let empty = ListPage {
        rows: Vec::new(),
        emptiness: Emptiness::Empty,
        tabs: Vec::new(),
        filter: FilterBar { action: "#".to_owned(), ..FilterBar::default() },
        ..list.clone()
    };
    gallery.page("list-empty", &empty);
    gallery.page(
        "list-no-results",
        &ListPage { rows: Vec::new(), emptiness: Emptiness::NoResults, ..list.clone() },
    );
    let lanes = stages(gallery, "")
        .into_iter()
        .enumerate()
        .map(|(index, stage)| Lane {
            cards: DEALS
                .iter()
                .enumerate()
                .filter(|(_, deal)| deal.2 == index)
                .map(|(number, (name, account, _, amount, date, owner))| Card {
                    id: format!("c{number}"),
                    title: (*name).to_owned(),
                    href: "record.html".to_owned(),
                    version: "3".to_owned(),
                    amount: Some(cell("money", amount)),
                    cells: vec![
                        Cell { href: "#".to_owned(), ..cell("link", account) },
                        cell("date", date),
                        cell("user", owner),
                    ],
                    moves: vec![CardMove { to: "won".to_owned(), title: gallery.say("Won", "赢单") }],
                    late: number == 2,
                })
                .collect(),
            value: stage.value,
            title: stage.title,
            tone: stage.tone,
            count: "38".to_owned(),
            sum: "€1.21m".to_owned(),
            sum_note: String::new(),
            more_href: "#".to_owned(),
            folded: false,
            fold_href: "#".to_owned(),
        })
        .collect();
    let board = BoardPage {
        at: place(),
        entity: entity(gallery),
        tabs: tabs(gallery),
        layouts: layouts("board"),
        new_href: "#".to_owned(),
        customise: customise(gallery),
        filter: filter(gallery),
        by: "stage".to_owned(),
        by_title: gallery.say("Stage", "阶段"),
        here: "#".to_owned(),
        lanes,
        ..BoardPage::default()
    };
    gallery.page("board", &board);
}

pub fn changes(gallery: &Gallery) -> Vec<Change> {
    vec![
        Change {
            label: gallery.say("Amount", "金额"),
            old: "€191,300".to_owned(),
            new: "€184,500".to_owned(),
        },
        Change {
            label: gallery.say("Close date", "成交日期"),
            old: gallery.say("20 Mar 2026", "2026年3月20日"),
            new: String::new(),
        },
    ]
}
