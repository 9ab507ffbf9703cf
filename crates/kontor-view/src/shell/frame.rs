//! The page frame: navigation, top bar, menus, pending changes, notices, and the one slot.

use std::sync::Arc;

use askama::Template;

use super::Tools;
use crate::field::OptionView;
use crate::page::part::Link;
use crate::{Error, Fragment, Words, assets};

/// Who is signed in.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
}

impl Person {
    fn initials(&self) -> String {
        crate::views::initials(&self.name)
    }
}

/// An app: a menu of its own.
#[derive(Clone, Debug, Default)]
pub struct AppLink {
    /// Its home.
    pub href: String,
    /// Its title.
    pub title: String,
    /// Its icon.
    pub icon: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// An entry of the navigation.
#[derive(Clone, Debug, Default)]
pub struct NavigationItem {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub title: String,
    /// Its icon.
    pub icon: String,
    /// Number at its end; may be empty.
    pub count: String,
    /// Whether the reader is there.
    pub current: bool,
}

/// Entries under one heading; those without a heading stand first.
#[derive(Clone, Debug, Default)]
pub struct NavigationGroup {
    /// Heading; may be empty.
    pub title: String,
    /// The entries.
    pub items: Vec<NavigationItem>,
}

/// Changes that are not published.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    /// How many.
    pub count: usize,
    /// Who made them and when ("by Mara Jensen, last 11:02"); may be empty.
    pub by: String,
    /// Address of the review page.
    pub href: String,
    /// How many definitions conflict with what others have published.
    pub conflicts: usize,
}

/// The definition of this page conflicts with what somebody else has published.
#[derive(Clone, Debug, Default)]
pub struct Conflict {
    /// Who published something else, and when.
    pub text: String,
    /// Where it is settled: `_keep` or `_take` is `value`.
    pub action: String,
    /// `kind/name`.
    pub value: String,
    /// Where both are compared.
    pub href: String,
}

/// What the last act did.
#[derive(Clone, Debug, Default)]
pub struct Flash {
    /// Class of its tone: `t-green` done, `t-amber` check, `t-red` failed.
    pub tone: String,
    /// What happened.
    pub text: String,
    /// Where undoing posts; empty when there is no undo.
    pub undo_action: String,
    /// Where it leads; empty for nowhere.
    pub link_href: String,
    /// What is there.
    pub link_title: String,
}

impl Flash {
    /// The icon of its tone.
    pub fn icon(&self) -> &'static str {
        if self.tone == "t-green" { "circle-check" } else { "triangle-alert" }
    }
}

/// Everything around a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The reader's language.
    pub words: Arc<Words>,
    /// Path of the workspace without a slash at its end: `/w/main`.
    pub base: String,
    /// Title of the workspace.
    pub workspace: String,
    /// Token for forms.
    pub csrf: String,
    /// Address of this page, where theme and language come back to.
    pub here: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// `compact` or empty.
    pub density: String,
    /// Who is signed in.
    pub person: Person,
    /// Apps to switch between.
    pub apps: Vec<AppLink>,
    /// The menu of the present app, administration last.
    pub navigation: Vec<NavigationGroup>,
    /// Where the reader is; the last one is this page and has no `href`.
    pub crumbs: Vec<Link>,
    /// What can be created from everywhere.
    pub create: Vec<Link>,
    /// Whether files may be brought in.
    pub may_import: bool,
    /// Whether it is a page of the portal: without search, inbox and imports.
    pub portal: bool,
    /// Languages to switch between.
    pub languages: Vec<OptionView>,
    /// Things waiting in the inbox; 0 shows no mark.
    pub waiting: usize,
    /// What is searched for now; may be empty.
    pub query: String,
    /// Changes that are not published; `None` for none and for who may not design.
    pub pending: Option<Pending>,
    /// What the draft says of the definition of this page conflicts with what is published.
    pub conflict: Option<Conflict>,
    /// What the last act did.
    pub flash: Option<Flash>,
}

impl Frame {
    /// A frame with nothing in it yet.
    pub fn new(words: Arc<Words>, base: impl Into<String>) -> Frame {
        Frame {
            words,
            base: base.into(),
            workspace: String::new(),
            csrf: String::new(),
            here: String::new(),
            theme: "system".to_owned(),
            density: String::new(),
            person: Person::default(),
            apps: Vec::new(),
            navigation: Vec::new(),
            crumbs: Vec::new(),
            create: Vec::new(),
            may_import: false,
            portal: false,
            languages: Vec::new(),
            waiting: 0,
            query: String::new(),
            pending: None,
            conflict: None,
            flash: None,
        }
    }

    /// The whole page with the fragment in its slot.
    pub fn page(&self, fragment: &Fragment) -> Result<String, Error> {
        let mut scripts = vec![assets::url("keys.js")];
        scripts.extend(fragment.scripts.iter().map(|script| assets::url(script.file())));
        Ok(PageTemplate { frame: self, words: &self.words, fragment, scripts, tools: Tools }.render()?)
    }

    fn inbox_label(&self) -> String {
        self.words.count("shell.inbox", self.waiting)
    }

    fn pending_text(&self, key: &str) -> String {
        self.words.count(key, self.pending.as_ref().map_or(0, |pending| pending.count))
    }

    fn conflicts_text(&self) -> String {
        self.words.count("pending.conflicts", self.pending.as_ref().map_or(0, |pending| pending.conflicts))
    }

    fn app(&self) -> Option<&AppLink> {
        self.apps.iter().find(|app| app.current).or_else(|| self.apps.first())
    }

    fn app_title(&self) -> &str {
        self.app().map_or("Kontor", |app| app.title.as_str())
    }

    /// What stands large above the menu: inside the app, in a portal whose it is.
    fn heading(&self) -> &str {
        if self.portal { &self.workspace } else { self.app_title() }
    }

    fn subheading(&self) -> &str {
        if self.portal { self.app_title() } else { &self.workspace }
    }
}

#[derive(Template)]
#[template(path = "page.html")]
struct PageTemplate<'a> {
    frame: &'a Frame,
    words: &'a Words,
    fragment: &'a Fragment,
    scripts: Vec<String>,
    tools: Tools,
}
