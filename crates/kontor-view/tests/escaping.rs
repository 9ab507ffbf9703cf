//! Whatever people type is shown, never run; and a broken override of a view does no harm.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::Arc;

use kontor_view::field::{FieldView, FileView, OptionView, Section};
use kontor_view::page::form::FormPage;
use kontor_view::page::list::ListPage;
use kontor_view::page::part::{Column, EntityHead, Row};
use kontor_view::page::record::RecordPage;
use kontor_view::shell::{ErrorPage, Flash, Frame, Person, SignInPage};
use kontor_view::{View, Views, Words};

const NASTY: &str = "<script>alert('1')</script>\"><img src=x onerror=alert(2)>";

const KINDS: [&str; 23] = [
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
    "file",
    "files",
    "image",
    "signature",
];

fn nasty(kind: &str, readonly: bool) -> FieldView {
    let option = OptionView {
        value: NASTY.to_owned(),
        title: NASTY.to_owned(),
        tone: "t-red".to_owned(),
        selected: true,
        retired: true,
    };
    let file = |picture| FileView {
        id: NASTY.to_owned(),
        name: NASTY.to_owned(),
        size: NASTY.to_owned(),
        href: NASTY.to_owned(),
        picture,
        width: NASTY.to_owned(),
        height: NASTY.to_owned(),
        signed: NASTY.to_owned(),
        value: NASTY.to_owned(),
        place: NASTY.to_owned(),
    };
    FieldView {
        files: vec![file(false), file(true)],
        accept: NASTY.to_owned(),
        name: "name".to_owned(),
        label: NASTY.to_owned(),
        kind: kind.to_owned(),
        help: NASTY.to_owned(),
        placeholder: NASTY.to_owned(),
        required: true,
        readonly,
        text: NASTY.to_owned(),
        exact: NASTY.to_owned(),
        value: NASTY.to_owned(),
        link_id: NASTY.to_owned(),
        link_entity: NASTY.to_owned(),
        link_entities: vec![option.clone()],
        options: vec![option.clone()],
        currencies: vec![option.clone(), option],
        unit: NASTY.to_owned(),
        href: NASTY.to_owned(),
        zone: NASTY.to_owned(),
        problems: vec![NASTY.to_owned()],
        warnings: vec![NASTY.to_owned()],
        marker: NASTY.to_owned(),
        remark: NASTY.to_owned(),
        ..FieldView::default()
    }
}

fn head() -> EntityHead {
    EntityHead {
        name: "thing".to_owned(),
        title: NASTY.to_owned(),
        plural: NASTY.to_owned(),
        icon: NASTY.to_owned(),
        description: NASTY.to_owned(),
    }
}

/// No text may open a tag or leave its attribute.
fn assert_tame(html: &str, what: &str) {
    assert!(html.contains("&lt;script"), "{what} does not show the text at all");
    assert!(!html.contains("<script>alert"), "{what} runs a script");
    assert!(!html.contains("<img src=x"), "{what} leaves its attribute");
    assert!(!html.contains(" style=\"") && !html.contains("<style"), "{what} has inline style");
    assert!(!html.contains(" onclick") && !html.contains("javascript:"), "{what} has inline script");
}

fn list(kind: &str) -> ListPage {
    let column = Column { title: NASTY.to_owned(), ..Column::default() };
    let cells = vec![nasty(kind, false).cell(), nasty(kind, false).cell()];
    ListPage {
        entity: head(),
        columns: vec![column.clone(), column],
        rows: vec![Row { id: NASTY.to_owned(), title: NASTY.to_owned(), href: NASTY.to_owned(), cells }],
        can_delete: true,
        ..ListPage::default()
    }
}

#[test]
fn no_kind_of_field_lets_markup_through_in_any_mode() {
    let views = Views::built_in().unwrap();
    for language in ["en", "zh-CN"] {
        for kind in KINDS {
            let cell = list(kind).render(&views, language).unwrap();
            assert_tame(cell.html.as_str(), &format!("cell of {kind}"));
            let section = |readonly| Section {
                name: "s".to_owned(),
                title: NASTY.to_owned(),
                text: NASTY.to_owned(),
                fields: vec![nasty(kind, readonly)],
                ..Section::default()
            };
            let detail = RecordPage {
                entity: head(),
                title: NASTY.to_owned(),
                sections: vec![section(false)],
                facts: vec![nasty(kind, false)],
                ..RecordPage::default()
            };
            assert_tame(detail.render(&views, language).unwrap().html.as_str(), &format!("detail of {kind}"));
            for readonly in [false, true] {
                let form =
                    FormPage { entity: head(), sections: vec![section(readonly)], ..FormPage::default() };
                assert_tame(
                    form.render(&views, language).unwrap().html.as_str(),
                    &format!("input of {kind}"),
                );
            }
        }
    }
}

#[test]
fn the_shell_escapes_too() {
    let views = Views::built_in().unwrap();
    let words: Arc<Words> = Arc::clone(views.words("en").unwrap());
    let mut frame = Frame::new(Arc::clone(&words), "/w/main");
    frame.workspace = NASTY.to_owned();
    frame.query = NASTY.to_owned();
    frame.person = Person { name: NASTY.to_owned(), email: NASTY.to_owned() };
    frame.flash = Some(Flash {
        tone: "t-green".to_owned(),
        text: NASTY.to_owned(),
        undo_action: NASTY.to_owned(),
        link_href: NASTY.to_owned(),
        link_title: NASTY.to_owned(),
    });
    let page = frame.page(&list("text").render(&views, "en").unwrap()).unwrap();
    assert_eq!(page.matches("<script").count(), 2, "the page has its own two modules and no other script");
    assert!(page.contains("&#60;script") || page.contains("&lt;script"));
    let sign_in = SignInPage {
        words: Arc::clone(&words),
        base: NASTY.to_owned(),
        workspace: NASTY.to_owned(),
        csrf: NASTY.to_owned(),
        next: NASTY.to_owned(),
        email: NASTY.to_owned(),
        problem: NASTY.to_owned(),
        notice: NASTY.to_owned(),
        languages: Vec::new(),
        demo: vec![NASTY.to_owned()],
    };
    assert!(!sign_in.render().unwrap().contains("<script"));
    let error = ErrorPage {
        words,
        status: 404,
        detail: NASTY.to_owned(),
        base: NASTY.to_owned(),
        links: Vec::new(),
        query: NASTY.to_owned(),
        reference: NASTY.to_owned(),
    };
    assert!(!error.bare().unwrap().contains("<script"));
}

#[test]
fn a_sound_override_serves_for_its_entity_alone() {
    let views =
        Views::with_overrides(&[("thing/list.html".to_owned(), "<p>own {{ entity.plural }}</p>".to_owned())])
            .unwrap();
    let page = ListPage { entity: EntityHead { plural: "<b>".to_owned(), ..head() }, ..ListPage::default() };
    assert_eq!(page.render(&views, "en").unwrap().html.as_str(), "<p>own &lt;b&gt;</p>");
    let other = ListPage { entity: EntityHead { name: "other".to_owned(), ..head() }, ..ListPage::default() };
    assert!(other.render(&views, "en").unwrap().html.as_str().contains("<h1>"));
    assert!(views.broken().is_empty());
}

#[test]
fn a_broken_override_falls_back_and_is_reported() {
    for source in ["{% if %}", "{{ nothing.here.at.all }}", "{% include \"missing.html\" %}"] {
        let views = Views::with_overrides(&[("list.html".to_owned(), source.to_owned())]).unwrap();
        let html = list("text").render(&views, "en").unwrap().html;
        assert!(html.as_str().contains("<h1>"), "{source}");
        let broken = views.broken();
        assert_eq!(broken.len(), 1, "{source}");
        assert!(broken.iter().all(|one| one.template == "list.html" && !one.cause.is_empty()), "{broken:?}");
    }
}
