//! Writes every page with invented data as static HTML, in each language: `cargo run -p kontor-view --example gallery -- DIR`.
//!
//! Serve the folder over HTTP to look at it; the addresses of assets begin at the root.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::similar_names,
    clippy::assigning_clones,
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "a program for looking at pages; it may stop at the first fault"
)]

mod admin;
mod automation;
mod daily;
mod design;
mod field_page;
mod fields;
mod insight;
mod packs;
mod records;
mod rules;
mod shape;
mod tools;
mod views;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kontor_view::field::OptionView;
use kontor_view::page::part::{Link, Place, ProblemLine};
use kontor_view::shell::{
    AppLink, ErrorPage, Flash, Frame, NavigationGroup, NavigationItem, Pending, Person, ProblemGroup,
    ProblemItem, ProblemsPage, SetUpPage, SignInPage, StartingPoint,
};
use kontor_view::{Fragment, View, Views, Words, assets};

/// Where pages go and what draws them.
pub struct Gallery {
    views: Views,
    language: String,
    folder: PathBuf,
    names: Vec<String>,
}

impl Gallery {
    /// A text in the gallery's language: the sample data speaks both.
    pub fn say(&self, english: &str, chinese: &str) -> String {
        if self.language == "en" { english.to_owned() } else { chinese.to_owned() }
    }

    /// The words of the gallery's language.
    pub fn words(&self) -> Arc<Words> {
        Arc::clone(self.views.words(&self.language).expect("words"))
    }

    /// Draws a page inside the frame.
    pub fn page<V: View>(&mut self, name: &str, view: &V) {
        let fragment =
            view.render(&self.views, &self.language).unwrap_or_else(|error| panic!("{name}: {error}"));
        self.fragment(name, &fragment);
    }

    fn fragment(&mut self, name: &str, fragment: &Fragment) {
        let frame = self.frame(name, &fragment.title);
        self.write(name, &frame.page(fragment).expect("the frame"));
    }

    fn write(&mut self, name: &str, html: &str) {
        std::fs::write(self.folder.join(format!("{name}.html")), html).expect("a page");
        self.names.push(name.to_owned());
    }

    fn frame(&self, name: &str, title: &str) -> Frame {
        let admin = name.starts_with("admin-");
        let words = self.words();
        let mut frame = Frame::new(Arc::clone(&words), "/w/main");
        frame.workspace = "Hafenwerk Systems".to_owned();
        frame.csrf = "token".to_owned();
        frame.here = "/w/main/".to_owned();
        frame.person = Person { name: "Mara Jensen".to_owned(), email: "mara@hafenwerk.example".to_owned() };
        frame.apps = [("Sales", "销售", "handshake", true), ("Service", "服务", "life-buoy", false)]
            .into_iter()
            .map(|(english, chinese, icon, current)| AppLink {
                href: "#".to_owned(),
                title: self.say(english, chinese),
                icon: icon.to_owned(),
                current,
            })
            .collect();
        let item = |title: String, icon: &str, current: bool, count: &str| NavigationItem {
            href: "#".to_owned(),
            title,
            icon: icon.to_owned(),
            count: count.to_owned(),
            current,
        };
        frame.navigation = vec![
            NavigationGroup {
                title: String::new(),
                items: vec![
                    item(self.say("Dashboard", "仪表板"), "house", false, ""),
                    item(words.t("inbox.title"), "inbox", name == "inbox", "3"),
                ],
            },
            NavigationGroup {
                title: self.say("Sales", "销售"),
                items: vec![
                    item(self.say("Deals", "商机"), "handshake", !admin, "148"),
                    item(self.say("Accounts", "客户"), "building-2", false, ""),
                    item(self.say("Contacts", "联系人"), "users", false, ""),
                ],
            },
            NavigationGroup {
                title: words.t("navigation.insight"),
                items: vec![
                    item(words.t("navigation.reports"), "chart-column", false, ""),
                    item(words.t("navigation.imports"), "upload", false, ""),
                ],
            },
            NavigationGroup {
                title: words.t("navigation.administration"),
                items: vec![
                    item(words.t("navigation.model"), "database", admin, ""),
                    item(words.t("navigation.workflows"), "workflow", false, ""),
                    item(words.t("navigation.scripts"), "code", false, ""),
                    item(words.t("navigation.changes"), "git-compare", false, "4"),
                ],
            },
        ];
        frame.crumbs = vec![Link::new("#", self.say("Sales", "销售"), ""), Link::new("", title, "")];
        frame.create = vec![
            Link::new("#", self.say("Deal", "商机"), "handshake"),
            Link::new("#", self.say("Account", "客户"), "building-2"),
        ];
        frame.languages = languages(&self.language);
        frame.waiting = 3;
        if admin {
            let by = self.say("by Mara Jensen, last 11:02", "Mara Jensen，最近 11:02");
            frame.pending = Some(Pending { count: 4, by, href: "#".to_owned(), conflicts: 0 });
        }
        if name == "record" {
            let text = words.with("record.saved", &[("record", title)]);
            frame.flash = Some(Flash {
                tone: "t-green".to_owned(),
                text,
                undo_action: "#".to_owned(),
                ..Flash::default()
            });
        }
        frame
    }

    fn shell_pages(&mut self) {
        let words = self.words();
        let sign_in = SignInPage {
            words: Arc::clone(&words),
            base: "/w/main".to_owned(),
            workspace: "Hafenwerk Systems".to_owned(),
            csrf: "token".to_owned(),
            next: "/w/main/r/deal".to_owned(),
            email: "mara@hafenwerk.example".to_owned(),
            problem: words.t("sign_in.wrong"),
            notice: String::new(),
            languages: languages(&self.language),
            demo: vec!["mara@hafenwerk.example · welcome-to-kontor".to_owned()],
        };
        self.write("sign-in", &sign_in.render().unwrap());
        let point =
            |value: &str, title: String, description: String, icon: &str, tone: &str, selected: bool| {
                StartingPoint {
                    value: value.to_owned(),
                    title,
                    description,
                    icon: icon.to_owned(),
                    tone: tone.to_owned(),
                    selected,
                }
            };
        let set_up = SetUpPage {
            words: Arc::clone(&words),
            action: "/setup".to_owned(),
            csrf: "token".to_owned(),
            token: "one-time".to_owned(),
            workspace: "Hafenwerk Systems".to_owned(),
            name: String::new(),
            email: "mara@hafenwerk".to_owned(),
            languages: languages(&self.language),
            currencies: vec![
                OptionView::new("EUR", "EUR – Euro", true),
                OptionView::new("CNY", "CNY – 人民币", false),
            ],
            zones: vec![
                OptionView::new("Europe/Berlin", "Europe/Berlin", true),
                OptionView::new("Asia/Shanghai", "Asia/Shanghai", false),
            ],
            starting_points: vec![
                point(
                    "base",
                    words.t("set_up.template_base"),
                    words.t("set_up.template_base_text"),
                    "handshake",
                    "t-accent",
                    true,
                ),
                point(
                    "blank",
                    words.t("set_up.template_blank"),
                    words.t("set_up.template_blank_text"),
                    "square",
                    "t-grey",
                    false,
                ),
            ],
            demo: true,
            problems: vec![ProblemLine {
                anchor: "s-email".to_owned(),
                label: words.t("set_up.email"),
                message: self.say(
                    "Enter an e-mail address like name@company.com",
                    "请输入邮箱，例如 name@company.com",
                ),
                ..ProblemLine::default()
            }],
        };
        self.write("set-up", &set_up.render().unwrap());
        for status in [400, 403, 404, 409, 413, 429, 500, 503] {
            let page = ErrorPage {
                words: Arc::clone(&words),
                status,
                detail: String::new(),
                base: "/w/main".to_owned(),
                links: vec![
                    Link::new("#", words.t("error.go_home"), "house"),
                    Link::new(
                        "#",
                        words.with("error.go_list", &[("entity", &self.say("deals", "商机"))]),
                        "",
                    ),
                ],
                query: "deal".to_owned(),
                reference: if status == 500 { "7f3a-19c2".to_owned() } else { String::new() },
            };
            self.write(&format!("error-{status}"), &page.bare().unwrap());
            if status == 404 {
                self.fragment("error-404-inside", &page.fragment().unwrap());
            }
        }
        let item = |title: &str, message: &str, consequence: &str| ProblemItem {
            title: title.to_owned(),
            message: message.to_owned(),
            consequence: consequence.to_owned(),
            href: "#".to_owned(),
            when: "11:02".to_owned(),
            revert: "report/won_by_month".to_owned(),
        };
        let problems = ProblemsPage {
            words,
            revert_action: "#".to_owned(),
            csrf: "token".to_owned(),
            groups: vec![
                ProblemGroup {
                    name: "definitions".to_owned(),
                    items: vec![item(
                        "report won_by_month",
                        "/measures/0/sum: there is no field amnt",
                        "The report is not listed",
                    )],
                },
                ProblemGroup {
                    name: "templates".to_owned(),
                    items: vec![item(
                        "list.html",
                        "syntax error: unexpected end of input (in list.html:4)",
                        "",
                    )],
                },
                ProblemGroup { name: "runs".to_owned(), items: vec![] },
            ],
        };
        self.fragment("admin-problems", &problems.fragment().unwrap());
    }

    fn index(&mut self) {
        let links: String =
            self.names.iter().map(|name| format!("<li><a href=\"{name}.html\">{name}</a></li>")).collect();
        let css = assets::url("kontor.css");
        let html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Gallery</title><link rel=\"stylesheet\" href=\"{css}\"><body><main class=\"prose\"><h1>Gallery</h1><ul>{links}</ul></main>"
        );
        std::fs::write(self.folder.join("index.html"), html).expect("the index");
    }
}

/// Where every sample page is.
pub fn place() -> Place {
    Place { base: "/w/main".to_owned(), csrf: "token".to_owned(), read: String::new() }
}

fn languages(current: &str) -> Vec<OptionView> {
    [("en", "English"), ("zh-CN", "简体中文")]
        .into_iter()
        .map(|(value, title)| OptionView::new(value, title, value == current))
        .collect()
}

fn write_assets(folder: &Path) {
    let target = folder.join("assets");
    std::fs::create_dir_all(&target).expect("the folder of assets");
    for name in [
        "kontor.css",
        "icons.svg",
        "favicon.svg",
        "kontor.webmanifest",
        "keys.js",
        "form.js",
        "lookup.js",
        "select.js",
        "board.js",
        "code.js",
    ] {
        let address = assets::url(name);
        let asset = assets::get(&address).expect("an asset");
        std::fs::write(folder.join(address.trim_start_matches('/')), &asset.bytes).expect("an asset");
        std::fs::write(target.join(name), &asset.bytes).expect("an asset");
    }
}

/// Writes every page in every language below the folder and gives their number.
pub fn write(folder: &Path) -> usize {
    write_assets(folder);
    let mut count = 0;
    for language in ["en", "zh-CN"] {
        let views = Views::built_in().expect("the built-in views");
        let mut gallery = Gallery {
            views,
            language: language.to_owned(),
            folder: folder.join(language),
            names: Vec::new(),
        };
        std::fs::create_dir_all(&gallery.folder).expect("a folder");
        gallery.shell_pages();
        daily::pages(&mut gallery);
        views::pages(&mut gallery);
        insight::pages(&mut gallery);
        admin::pages(&mut gallery);
        packs::pages(&mut gallery);
        rules::pages(&mut gallery);
        shape::write(&mut gallery);
        gallery.index();
        count += gallery.names.len();
    }
    count
}

#[cfg_attr(test, allow(dead_code, reason = "the test of all pages calls `write`"))]
fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("usage: gallery DIR"));
    println!("{} pages", write(&folder));
}
