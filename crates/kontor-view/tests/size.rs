//! Pages stay small: a list of 50 rows and a record of 25 fields are at most 60 KB with their frame.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::Arc;

use kontor_view::field::{Cell, FieldView, OptionView, Section};
use kontor_view::page::form::FormPage;
use kontor_view::page::list::ListPage;
use kontor_view::page::part::{Column, EntityHead, Place, Row, place_columns};
use kontor_view::page::record::{RecordPage, Related};
use kontor_view::shell::{Frame, NavigationGroup, NavigationItem};
use kontor_view::{View, Views};

const LIMIT: usize = 60 * 1024;
const KINDS: [&str; 8] = ["text", "link", "choice", "money", "date", "user", "percent", "text"];

fn frame(views: &Views) -> Frame {
    let mut frame = Frame::new(Arc::clone(views.words("en").unwrap()), "/w/main");
    let item = NavigationItem {
        href: "/w/main/r/some_entity".to_owned(),
        title: "Some entities".to_owned(),
        icon: "handshake".to_owned(),
        ..NavigationItem::default()
    };
    frame.navigation = vec![NavigationGroup { title: "Sales".to_owned(), items: vec![item; 20] }];
    frame
}

fn head() -> EntityHead {
    EntityHead {
        name: "thing".to_owned(),
        title: "Thing".to_owned(),
        plural: "Things".to_owned(),
        icon: "package".to_owned(),
        description: String::new(),
    }
}

fn table(rows: usize) -> (Vec<Column>, Vec<Row>) {
    let mut columns: Vec<Column> = KINDS
        .iter()
        .map(|kind| Column {
            name: (*kind).to_owned(),
            title: "A column".to_owned(),
            sort_href: "/w/main/r/thing?view=all&sort=-column".to_owned(),
            number: matches!(*kind, "money" | "percent"),
            ..Column::default()
        })
        .collect();
    place_columns(&mut columns, |column| column.number);
    let id = "01920f3c-7a6b-7c3d-9e1f-2a3b4c5d6e7f";
    let cells: Vec<Cell> = KINDS
        .iter()
        .map(|kind| Cell {
            kind: (*kind).to_owned(),
            text: "Weidmann Antriebstechnik".to_owned(),
            exact: if *kind == "date" { "2026-03-27".to_owned() } else { String::new() },
            href: if *kind == "link" { format!("/w/main/r/thing/{id}") } else { String::new() },
            tone: if *kind == "choice" { "t-violet".to_owned() } else { String::new() },
            options: Vec::new(),
            files: Vec::new(),
        })
        .collect();
    let row = Row {
        id: id.to_owned(),
        title: "Weidmann Antriebstechnik".to_owned(),
        href: format!("/w/main/r/thing/{id}"),
        cells,
    };
    (columns, vec![row; rows])
}

#[test]
fn a_list_of_fifty_rows_is_small() {
    let views = Views::built_in().unwrap();
    let (columns, rows) = table(50);
    let page = ListPage {
        at: Place { base: "/w/main".to_owned(), csrf: "c".repeat(43), read: String::new() },
        entity: head(),
        columns,
        rows,
        can_delete: true,
        ..ListPage::default()
    };
    let html = frame(&views).page(&page.render(&views, "en").unwrap()).unwrap();
    assert!(html.len() <= LIMIT, "{} bytes", html.len());
}

#[test]
fn a_record_and_its_form_of_25_fields_are_small() {
    let views = Views::built_in().unwrap();
    let field = |index: usize| {
        let kind = KINDS.get(index % KINDS.len()).copied().unwrap_or("text");
        let options = (0..12)
            .map(|number| {
                OptionView::new(format!("value_{number}"), format!("Option number {number}"), number == 3)
            })
            .collect();
        FieldView {
            name: format!("field_{index}"),
            label: format!("Field {index}"),
            kind: kind.to_owned(),
            text: "A value".to_owned(),
            value: "A value".to_owned(),
            help: "What it is for".to_owned(),
            options,
            ..FieldView::default()
        }
    };
    let sections = vec![Section {
        name: "main".to_owned(),
        title: "Main".to_owned(),
        text: String::new(),
        fields: (0..25).map(field).collect(),
        ..Section::default()
    }];
    let (columns, rows) = table(5);
    let related = Related {
        name: "things".to_owned(),
        title: "Things".to_owned(),
        columns,
        rows,
        ..Related::default()
    };
    let record = RecordPage {
        entity: head(),
        sections: sections.clone(),
        related: vec![related; 3],
        ..RecordPage::default()
    };
    let html = frame(&views).page(&record.render(&views, "en").unwrap()).unwrap();
    assert!(html.len() <= LIMIT, "record: {} bytes", html.len());
    let form = FormPage { entity: head(), sections, ..FormPage::default() };
    let html = frame(&views).page(&form.render(&views, "en").unwrap()).unwrap();
    assert!(html.len() <= LIMIT, "form: {} bytes", html.len());
}
