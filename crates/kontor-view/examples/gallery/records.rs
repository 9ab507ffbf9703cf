//! Records and their forms.

use kontor_view::field::Section;
use kontor_view::page::form::FormPage;
use kontor_view::page::history::{HistoryPage, Revision};
use kontor_view::page::part::{ActionButton, Link, Pager, ProblemLine, Tab};
use kontor_view::page::record::{CheckItem, Event, PathStep, RecordPage, Related, StagePath};

use super::daily::{changes, customise, deals, entity};
use super::fields::all;
use super::{Gallery, place};

/// Pages of one record.
pub fn records(gallery: &mut Gallery) {
    let words = gallery.words();
    let fields = all(gallery);
    let pick = |names: &[&str]| {
        names
            .iter()
            .filter_map(|name| fields.iter().find(|field| field.name == *name).cloned())
            .collect::<Vec<_>>()
    };
    let (columns, rows) = deals(gallery, 3);
    let step = |value: &str, english: &str, chinese: &str, state: &str| PathStep {
        value: value.to_owned(),
        title: gallery.say(english, chinese),
        state: state.to_owned(),
        label: String::new(),
    };
    let event = |icon: &str, tone: &str, who: &str, what: String, when: &str| Event {
        icon: icon.to_owned(),
        tone: tone.to_owned(),
        who: who.to_owned(),
        what,
        when: when.to_owned(),
        exact: "2026-03-12 10:42:00 CET".to_owned(),
        ..Event::default()
    };
    let record = RecordPage {
        at: place(),
        entity: entity(gallery),
        id: "0192".to_owned(),
        title: gallery.say("Packing line 4 retrofit", "四号包装线改造"),
        number: "D-2481".to_owned(),
        version: "17".to_owned(),
        facts: pick(&["amount", "account", "close_date", "probability", "owner", "stage"]),
        path: Some(StagePath {
            field: "stage".to_owned(),
            label: gallery.say("Stage", "阶段"),
            steps: vec![
                step("qualify", "Qualify", "资格确认", "done"),
                step("discover", "Discover", "需求分析", "done"),
                step("propose", "Propose", "方案报价", "current"),
                step("negotiate", "Negotiate", "商务谈判", "open"),
                step("won", "Won", "赢单", "open"),
            ],
            current: gallery.say("Propose", "方案报价"),
            next: Some(step("negotiate", "Negotiate", "商务谈判", "open")),
            others: vec![
                step("qualify", "Qualify", "资格确认", "open"),
                step("lost", "Lost", "输单", "open"),
            ],
            missing: vec![Link::new("#", gallery.say("Budget confirmed on", "预算确认日期"), "")],
            checklist: vec![
                CheckItem {
                    name: "quote_sent".to_owned(),
                    title: gallery.say("Quote sent", "已发送报价"),
                    required: true,
                    done: true,
                    note: gallery.say("Ada Brandt · today 09:12", "Ada Brandt · 今天 09:12"),
                    problem: String::new(),
                },
                CheckItem {
                    name: "terms".to_owned(),
                    title: gallery.say("Terms discussed", "已商定条款"),
                    required: true,
                    problem: gallery.say("“Terms discussed” is still to be ticked", "“已商定条款”尚未勾选"),
                    ..CheckItem::default()
                },
            ],
            can_tick: true,
            since: gallery.say("12 Nov", "11月12日"),
            due: gallery.say("19 Nov", "11月19日"),
            late: true,
            ..StagePath::default()
        }),
        sections: vec![
            Section {
                name: "details".to_owned(),
                title: gallery.say("Details", "详情"),
                text: String::new(),
                fields: pick(&[
                    "lines",
                    "budget",
                    "retrofit",
                    "seats",
                    "speed",
                    "weighted",
                    "next_meeting",
                    "regarding",
                    "team",
                ]),
                ..Section::default()
            },
            Section {
                name: "people".to_owned(),
                title: gallery.say("People", "人员"),
                text: String::new(),
                fields: pick(&["email", "phone", "site", "scope"]),
                ..Section::default()
            },
        ],
        related: vec![
            Related {
                name: "quotes".to_owned(),
                title: gallery.say("Quotes", "报价"),
                count: "3".to_owned(),
                columns,
                rows,
                new_href: "#".to_owned(),
                new_title: gallery.say("New quote", "新建报价"),
                all_href: "#".to_owned(),
                ..Related::default()
            },
            Related {
                name: "visits".to_owned(),
                title: gallery.say("Site visits", "现场拜访"),
                new_href: "#".to_owned(),
                new_title: gallery.say("New site visit", "新建现场拜访"),
                ..Related::default()
            },
        ],
        timeline: vec![
            Event {
                text: gallery.say("They asked for a split invoice again.", "对方再次要求分开开票。"),
                ..event(
                    "message-square",
                    "t-accent",
                    "Aisha Okafor",
                    gallery.say("commented", "发表了评论"),
                    "10:42",
                )
            },
            Event {
                changes: changes(gallery),
                ..event(
                    "pencil",
                    "t-grey",
                    "Mara Jensen",
                    words.count("record.event_changed", 2),
                    &gallery.say("10 Mar", "3月10日"),
                )
            },
            event(
                "plus",
                "t-green",
                "Mara Jensen",
                words.t("record.event_created"),
                &gallery.say("3 Mar", "3月3日"),
            ),
        ],
        history_href: "history.html".to_owned(),
        edit_href: "form.html".to_owned(),
        copy_href: "#".to_owned(),
        delete_href: "deletion.html".to_owned(),
        actions: vec![ActionButton {
            action: "#".to_owned(),
            title: gallery.say("Push close date", "推迟成交日期"),
            icon: "calendar-clock".to_owned(),
            ..ActionButton::default()
        }],
        customise: customise(gallery),
        ..RecordPage::default()
    };
    gallery.page("record", &record);
    let history = HistoryPage {
        at: place(),
        entity: entity(gallery),
        record_title: record.title.clone(),
        record_href: "record.html".to_owned(),
        revisions: vec![
            Revision {
                version: "17".to_owned(),
                who: "Mara Jensen".to_owned(),
                what: words.count("history.changed", 2),
                cause: String::new(),
                when: "10:42".to_owned(),
                exact: "2026-03-12 10:42".to_owned(),
                changes: changes(gallery),
            },
            Revision {
                version: "1".to_owned(),
                who: "Mara Jensen".to_owned(),
                what: words.t("history.created"),
                cause: words.t("history.by_import"),
                when: gallery.say("3 Mar", "3月3日"),
                exact: "2026-03-03 09:00".to_owned(),
                changes: Vec::new(),
            },
        ],
        pager: Pager::default(),
    };
    gallery.page("history", &history);
}

/// Forms, also one that came back.
pub fn forms(gallery: &mut Gallery) {
    let fields = all(gallery);
    let pick = |names: &[&str]| {
        names
            .iter()
            .filter_map(|name| fields.iter().find(|field| field.name == *name).cloned())
            .collect::<Vec<_>>()
    };
    let sections = vec![
        Section {
            name: "details".to_owned(),
            title: gallery.say("Details", "详情"),
            text: String::new(),
            fields: pick(&[
                "name",
                "stage",
                "close_date",
                "next_meeting",
                "lines",
                "retrofit",
                "seats",
                "speed",
                "number",
            ]),
            ..Section::default()
        },
        Section {
            name: "money".to_owned(),
            title: gallery.say("Money", "金额"),
            text: String::new(),
            fields: pick(&["amount", "probability", "budget", "weighted"]),
            ..Section::default()
        },
        Section {
            name: "people".to_owned(),
            title: gallery.say("People", "人员"),
            text: String::new(),
            fields: pick(&["account", "regarding", "owner", "team", "email", "phone", "site", "scope"]),
            ..Section::default()
        },
    ];
    let problems = fields
        .iter()
        .filter(|field| !field.problems.is_empty())
        .map(|field| ProblemLine {
            anchor: format!("f-{}", field.name),
            label: field.label.clone(),
            message: field.problems.join(" "),
            ..ProblemLine::default()
        })
        .collect();
    let form = FormPage {
        at: place(),
        entity: entity(gallery),
        is_new: false,
        record_title: gallery.say("Packing line 4 retrofit", "四号包装线改造"),
        action: "#".to_owned(),
        cancel_href: "record.html".to_owned(),
        version: "17".to_owned(),
        sections,
        problems,
        customise: customise(gallery),
        ..FormPage::default()
    };
    gallery.page("form", &form);
    let mut clean = form.clone();
    for field in clean.sections.iter_mut().flat_map(|section| section.fields.iter_mut()) {
        field.problems.clear();
        if !field.readonly {
            field.value.clear();
        }
    }
    let types = [("Task", "任务", true), ("Call", "电话", false)]
        .into_iter()
        .map(|(english, chinese, current)| Tab {
            href: "#".to_owned(),
            title: gallery.say(english, chinese),
            count: String::new(),
            current,
        })
        .collect();
    let warning = ProblemLine {
        anchor: "f-close_date".to_owned(),
        label: gallery.say("Close date", "成交日期"),
        message: gallery.say("The close date is in the past", "成交日期已过"),
        ..ProblemLine::default()
    };
    gallery.page(
        "form-new",
        &FormPage {
            is_new: true,
            problems: Vec::new(),
            warnings: vec![warning],
            record_types: types,
            ..clean
        },
    );
}
