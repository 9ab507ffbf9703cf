//! Calendars, the views of an entity, records changed together.

use kontor_view::field::Cell;
use kontor_view::page::bulk::{BulkPage, Refused};
use kontor_view::page::calendar::{CalendarPage, Day, Event, Source};
use kontor_view::page::cards::{self, CardsPage};
use kontor_view::page::part::{Hidden, Link, Tab};
use kontor_view::page::timeline::{self, TimelinePage};
use kontor_view::page::views::{ViewLine, ViewsPage};

use super::daily::{entity, tabs};
use super::fields::all;
use super::{Gallery, place};

fn event(gallery: &Gallery, hour: &str, number: usize) -> Event {
    Event {
        title: format!("{} {number}", gallery.say("Site survey", "现场勘察")),
        href: "record.html".to_owned(),
        time: hour.to_owned(),
        tone: ["t-blue", "t-green", "t-rose"].get(number % 3).copied().unwrap_or_default().to_owned(),
        meaning: gallery.say("Meeting", "会议"),
        notes: vec!["Nordbrau AG".to_owned()],
        gap: false,
        goes_on: number == 2,
        move_action: "#".to_owned(),
        start: "due".to_owned(),
        end: "until".to_owned(),
        version: "3".to_owned(),
        day: "2026-03-12".to_owned(),
    }
}

fn day(gallery: &Gallery, number: usize) -> Day {
    let count = if number == 12 { 3 } else { usize::from(number.is_multiple_of(5)) };
    Day {
        number: number.to_string(),
        weekday: gallery.say("Thu", "周四"),
        iso: format!("2026-03-{number:02}"),
        full: gallery.say(&format!("Thu, {number} Mar 2026"), &format!("2026年3月{number}日 周四")),
        today: number == 12,
        off: number.is_multiple_of(7),
        events: (0..count)
            .map(|index| event(gallery, if index == 0 { "09:30" } else { "" }, index))
            .collect(),
        more: if number == 12 { gallery.words().count("calendar.more", 3) } else { String::new() },
        href: "#".to_owned(),
        new_href: "#".to_owned(),
    }
}

fn calendar(gallery: &Gallery, span: &str, days: usize) -> CalendarPage {
    let words = gallery.words();
    let days: Vec<Day> = (1..=days).map(|number| day(gallery, number)).collect();
    CalendarPage {
        at: place(),
        entity: entity(gallery),
        tabs: tabs(gallery),
        heading: gallery.say("March 2026", "2026年3月"),
        spans: ["month", "week", "day", "agenda"]
            .into_iter()
            .map(|name| Tab {
                href: "#".to_owned(),
                title: words.t(&format!("calendar.{name}")),
                count: String::new(),
                current: name == span,
            })
            .collect(),
        span: span.to_owned(),
        previous: "#".to_owned(),
        today: "#".to_owned(),
        next: "#".to_owned(),
        weekdays: (1..=7).map(|number| words.t(&format!("date.weekdays.{number}"))).collect(),
        weeks: days.chunks(7).map(<[Day]>::to_vec).collect(),
        count: words.count("calendar.count", 11),
        here: "#".to_owned(),
        ..CalendarPage::default()
    }
}

fn bars(gallery: &Gallery) -> TimelinePage {
    let words = gallery.words();
    let row = |number: usize, tone: &str, x: &str, width: &str| timeline::Row {
        title: format!("{} {number}", gallery.say("Packing line retrofit", "包装线改造")),
        href: "record.html".to_owned(),
        time: gallery.say("12 Mar 2026 – 3 Apr 2026", "2026年3月12日 至 2026年4月3日"),
        meaning: gallery.say("Negotiate", "谈判"),
        notes: vec!["Nordbrau AG".to_owned()],
        bar: timeline::Bar {
            x: x.to_owned(),
            width: width.to_owned(),
            tone: tone.to_owned(),
            before: x == "0.00%",
            after: number == 3,
        },
    };
    let mark =
        |x: &str, title: &str| timeline::Mark { x: x.to_owned(), title: title.to_owned(), today: false };
    TimelinePage {
        at: place(),
        entity: entity(gallery),
        tabs: tabs(gallery),
        heading: gallery.say("March 2026", "2026年3月"),
        spans: ["week", "month", "quarter"]
            .into_iter()
            .map(|name| Tab {
                href: "#".to_owned(),
                title: words.t(&format!("timeline.{name}")),
                count: String::new(),
                current: name == "month",
            })
            .collect(),
        previous: "#".to_owned(),
        today: "#".to_owned(),
        next: "#".to_owned(),
        marks: vec![
            mark("0.00%", &gallery.say("1 Mar", "3月1日")),
            mark("25.80%", &gallery.say("9 Mar", "3月9日")),
            mark("48.38%", &gallery.say("16 Mar", "3月16日")),
            mark("70.96%", &gallery.say("23 Mar", "3月23日")),
            mark("93.54%", &gallery.say("30 Mar", "3月30日")),
        ],
        rules: ["3.22%", "25.80%", "48.38%", "70.96%", "93.54%"].map(str::to_owned).to_vec(),
        days_off: ["0.00%", "19.35%", "22.58%", "41.93%", "45.16%"].map(str::to_owned).to_vec(),
        day_width: "3.22%".to_owned(),
        now: "37.20%".to_owned(),
        groups: vec![
            timeline::Group {
                title: gallery.say("Jonas Reuter", "尤纳斯"),
                tone: String::new(),
                rows: vec![row(1, "t-green", "35.48%", "64.52%"), row(2, "t-blue", "0.00%", "20.00%")],
            },
            timeline::Group {
                title: words.t("board.no_value"),
                tone: String::new(),
                rows: vec![row(3, "t-rose", "0.00%", "100.00%")],
            },
        ],
        undated: Some(Link::new("#", words.count("timeline.undated", 4), "")),
        ..TimelinePage::default()
    }
}

fn wall(gallery: &Gallery) -> CardsPage {
    let card = |number: usize| cards::Card {
        id: number.to_string(),
        title: format!("{} {number}", gallery.say("Packing line retrofit", "包装线改造")),
        href: "record.html".to_owned(),
        picture: None,
        lines: vec![cards::Line {
            label: gallery.say("Account", "客户"),
            cell: Cell { kind: "text".to_owned(), text: "Nordbrau AG".to_owned(), ..Cell::default() },
        }],
    };
    CardsPage {
        at: place(),
        entity: entity(gallery),
        tabs: tabs(gallery),
        pictured: true,
        cards: (1..=5).map(card).collect(),
        ..CardsPage::default()
    }
}

pub fn pages(gallery: &mut Gallery) {
    let bars = bars(gallery);
    gallery.page("timeline", &bars);
    gallery.page("timeline-empty", &TimelinePage { groups: Vec::new(), undated: None, ..bars });
    let wall = wall(gallery);
    gallery.page("cards", &wall);
    let month = calendar(gallery, "month", 28);
    gallery.page("calendar", &month);
    let mut agenda = calendar(gallery, "agenda", 14);
    agenda.entity = kontor_view::page::part::EntityHead::default();
    agenda.sources = vec![Source {
        name: "deal.closings".to_owned(),
        title: gallery.say("Expected closings", "预计成交"),
        href: "#".to_owned(),
        tone: "t-violet".to_owned(),
        shown: true,
    }];
    gallery.page("calendar-agenda", &agenda);
    let line = |name: &str, title: String, whose: &str, is_first: bool| ViewLine {
        name: name.to_owned(),
        title,
        href: "list.html".to_owned(),
        kind: "list".to_owned(),
        whose: gallery.words().t(whose),
        change_href: "#".to_owned(),
        is_first,
    };
    let views = ViewsPage {
        at: place(),
        entity: entity(gallery),
        views: vec![
            line("open", gallery.say("All open", "全部进行中"), "views.everyone", false),
            line("mine", gallery.say("My north", "我的北区"), "views.mine", true),
        ],
        new_href: "#".to_owned(),
        first_action: "#".to_owned(),
        here: "#".to_owned(),
    };
    gallery.page("views", &views);
    let fields = all(gallery).into_iter().filter(|field| !field.readonly).collect();
    let ask = BulkPage {
        at: place(),
        entity: entity(gallery),
        count: 12,
        titles: vec![gallery.say("Packing line 4 retrofit", "四号包装线改造")],
        fields,
        action: "#".to_owned(),
        hidden: vec![Hidden { name: "id".to_owned(), value: "1".to_owned() }],
        list_href: "list.html".to_owned(),
        ..BulkPage::default()
    };
    gallery.page("bulk", &ask);
    let result = BulkPage {
        is_result: true,
        done: gallery.words().count("bulk.done", 11),
        fields: Vec::new(),
        refused: vec![Refused {
            record: Link::new("record.html", gallery.say("Packing line 4 retrofit", "四号包装线改造"), ""),
            reasons: vec![gallery.say("Enter a smaller number", "请输入较小的数字")],
        }],
        undo_action: "#".to_owned(),
        ..ask
    };
    gallery.page("bulk-result", &result);
}
