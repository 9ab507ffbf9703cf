//! A form as a browser without JavaScript holds and sends it. Only what the page offers can be chosen;
//! [`Form::force`] is for the hostile.

use scraper::{ElementRef, Html};

use crate::page::{selector, visible_text};

/// A form of a page with the values that its fields have now.
#[derive(Debug, Clone)]
pub struct Form {
    /// Path that it is sent to.
    pub action: String,
    /// Whether it is sent by POST.
    pub post: bool,
    /// Whether it is sent as `multipart/form-data`.
    pub multipart: bool,
    controls: Vec<Control>,
    buttons: Vec<Button>,
    pressed: Option<usize>,
    forced: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
struct Control {
    name: String,
    label: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Text(String),
    /// Sent as the page gave it; nobody can type here.
    Hidden(String),
    /// A check box or radio button: value and whether it is on.
    Switch {
        value: String,
        on: bool,
        radio: bool,
    },
    /// Options as (value, words, chosen).
    Select {
        options: Vec<(String, String, bool)>,
        multiple: bool,
    },
    File(Option<(String, Vec<u8>)>),
}

#[derive(Debug, Clone)]
struct Button {
    name: String,
    value: String,
    words: String,
    action: Option<String>,
}

/// A part of what a form sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A name and a text.
    Text(String, String),
    /// A name, a file name and its bytes.
    File(String, String, Vec<u8>),
}

impl Form {
    /// Reads a form of a page that was asked under `path`.
    pub(crate) fn read(html: &Html, form: ElementRef<'_>, path: &str) -> Self {
        let attribute = |name| form.value().attr(name).unwrap_or_default();
        let mut read = Self {
            action: if attribute("action").is_empty() {
                path.to_owned()
            } else {
                attribute("action").to_owned()
            },
            post: attribute("method").eq_ignore_ascii_case("post"),
            multipart: attribute("enctype").eq_ignore_ascii_case("multipart/form-data"),
            controls: Vec::new(),
            buttons: Vec::new(),
            pressed: None,
            forced: Vec::new(),
        };
        let identity = attribute("id");
        for element in html.select(&selector("input, select, textarea, button")) {
            let belongs = match element.value().attr("form") {
                Some(other) => !identity.is_empty() && other == identity,
                None => element.ancestors().any(|ancestor| ancestor.id() == form.id()),
            };
            if belongs && !is_disabled(element) {
                read.take(html, element);
            }
        }
        read
    }

    fn take(&mut self, html: &Html, element: ElementRef<'_>) {
        let attribute = |name| element.value().attr(name).unwrap_or_default().to_owned();
        let kind = attribute("type").to_ascii_lowercase();
        let tag = element.value().name();
        if tag == "button" || matches!(kind.as_str(), "submit" | "image") {
            if kind != "button" && kind != "reset" {
                let words = if tag == "button" { visible_text(element) } else { attribute("value") };
                let named = attribute("aria-label");
                self.buttons.push(Button {
                    name: attribute("name"),
                    value: attribute("value"),
                    words: if words.is_empty() { named } else { words },
                    action: element.value().attr("formaction").map(str::to_owned),
                });
            }
            return;
        }
        let name = attribute("name");
        if name.is_empty() || matches!(kind.as_str(), "button" | "reset") {
            return;
        }
        let kind = match (tag, kind.as_str()) {
            ("select", _) => read_select(element),
            // A browser drops the first line break of a text area.
            ("textarea", _) => {
                let text: String = element.text().collect();
                Kind::Text(text.strip_prefix('\n').unwrap_or(&text).to_owned())
            }
            (_, "checkbox" | "radio") => Kind::Switch {
                value: element.value().attr("value").unwrap_or("on").to_owned(),
                on: element.value().attr("checked").is_some(),
                radio: kind == "radio",
            },
            (_, "file") => Kind::File(None),
            (_, "hidden") => Kind::Hidden(attribute("value")),
            // A line has no line breaks: a browser takes them out.
            _ => Kind::Text(attribute("value").replace(['\r', '\n'], "")),
        };
        self.controls.push(Control { name, label: label_of(html, element), kind });
    }

    /// Whether it has a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.controls.iter().any(|control| control.name == name)
    }

    /// Whether it has a button that says this, or sends it.
    pub fn has_button(&self, words: &str) -> bool {
        self.buttons.iter().any(|button| button.words == words || button.value == words)
    }

    /// The name of the field with this label.
    #[track_caller]
    pub fn name_of(&self, label: &str) -> String {
        self.controls
            .iter()
            .find(|control| control.label == label)
            .or_else(|| self.controls.iter().find(|control| control.label.starts_with(label)))
            .unwrap_or_else(|| panic!("no field labelled {label:?} in {}", self.outline()))
            .name
            .clone()
    }

    /// What a field holds now; empty for a field that would send nothing.
    #[track_caller]
    pub fn value(&self, name: &str) -> String {
        assert!(self.has(name), "no field {name:?} in {}", self.outline());
        self.pairs().into_iter().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// The values that a select or a group of radio buttons offers.
    #[track_caller]
    pub fn offers(&self, name: &str) -> Vec<String> {
        let values: Vec<String> = self
            .controls
            .iter()
            .filter(|control| control.name == name)
            .flat_map(|control| match &control.kind {
                Kind::Select { options, .. } => options.iter().map(|(value, _, _)| value.clone()).collect(),
                Kind::Switch { value, .. } => vec![value.clone()],
                Kind::Text(_) | Kind::Hidden(_) | Kind::File(_) => Vec::new(),
            })
            .collect();
        assert!(!values.is_empty(), "nothing to choose at {name:?} in {}", self.outline());
        values
    }

    /// Types or chooses. A choice is named by its value or its words and must be offered; a check box takes
    /// `true` and `false`.
    #[track_caller]
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let outline = self.outline();
        let mut done = false;
        for control in self.controls.iter_mut().filter(|control| control.name == name) {
            match &mut control.kind {
                Kind::Text(held) if !done => {
                    value.clone_into(held);
                    done = true;
                }
                Kind::Text(_) | Kind::Hidden(_) | Kind::File(_) => {}
                Kind::Switch { value: own, on, radio: true } => {
                    *on = own == value || control.label == value;
                    done |= *on;
                }
                Kind::Switch { value: own, on, radio: false } => {
                    if own == value || control.label == value {
                        *on = true;
                        done = true;
                    } else if value == "true" || value == "false" {
                        *on = value == "true";
                        done = true;
                    }
                }
                Kind::Select { options, multiple } => {
                    let wanted = options
                        .iter()
                        .position(|(own, _, _)| own == value)
                        .or_else(|| options.iter().position(|(_, words, _)| words == value));
                    if let Some(wanted) = wanted {
                        for (index, option) in options.iter_mut().enumerate() {
                            option.2 = index == wanted || (*multiple && option.2);
                        }
                        done = true;
                    }
                }
            }
        }
        assert!(done, "{name:?} cannot be set to {value:?} in {outline}");
        self
    }

    /// Types or chooses in the field with this label.
    #[track_caller]
    #[must_use]
    pub fn fill(self, label: &str, value: &str) -> Self {
        let name = self.name_of(label);
        self.set(&name, value)
    }

    /// Chooses a file.
    #[track_caller]
    #[must_use]
    pub fn attach(mut self, name: &str, file_name: &str, bytes: &[u8]) -> Self {
        let outline = self.outline();
        let control = self.controls.iter_mut().find(|control| control.name == name);
        match control.map(|control| &mut control.kind) {
            Some(Kind::File(held)) => *held = Some((file_name.to_owned(), bytes.to_vec())),
            _ => panic!("no file field {name:?} in {outline}"),
        }
        self
    }

    /// Sends a pair that the page does not offer, as only a hostile client would; in place of the offered one.
    #[must_use]
    pub fn force(mut self, name: &str, value: &str) -> Self {
        self.controls.retain(|control| control.name != name);
        self.forced.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a field out, as only a hostile client would.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.controls.retain(|control| control.name != name);
        self
    }

    /// Will be sent with the button that says this.
    #[track_caller]
    #[must_use]
    pub fn press(mut self, words: &str) -> Self {
        let found = self
            .buttons
            .iter()
            .position(|button| button.words == words || button.value == words)
            .unwrap_or_else(|| panic!("no button {words:?} in {}", self.outline()));
        self.pressed = Some(found);
        self
    }

    /// Where it goes, with the button that was pressed.
    pub fn target(&self) -> &str {
        self.button().and_then(|button| button.action.as_deref()).unwrap_or(&self.action)
    }

    fn button(&self) -> Option<&Button> {
        // Without a choice a browser sends the first button, as the Enter key does.
        self.buttons.get(self.pressed.unwrap_or(0))
    }

    /// What it would send, in order.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for control in &self.controls {
            let mut text = |value: &str| parts.push(Part::Text(control.name.clone(), value.to_owned()));
            match &control.kind {
                Kind::Text(value) => text(&value.replace("\r\n", "\n").replace('\n', "\r\n")),
                Kind::Hidden(value) | Kind::Switch { value, on: true, .. } => text(value),
                Kind::Switch { .. } => {}
                Kind::Select { options, .. } => {
                    for (value, _, chosen) in options {
                        if *chosen {
                            text(value);
                        }
                    }
                }
                Kind::File(held) => {
                    let (name, bytes) = held.clone().unwrap_or_default();
                    if self.multipart {
                        parts.push(Part::File(control.name.clone(), name, bytes));
                    } else {
                        text(&name);
                    }
                }
            }
        }
        for (name, value) in &self.forced {
            parts.push(Part::Text(name.clone(), value.clone()));
        }
        if let Some(button) = self.button()
            && !button.name.is_empty()
        {
            parts.push(Part::Text(button.name.clone(), button.value.clone()));
        }
        parts
    }

    /// The texts that it would send.
    pub fn pairs(&self) -> Vec<(String, String)> {
        self.parts()
            .into_iter()
            .filter_map(|part| match part {
                Part::Text(name, value) => Some((name, value)),
                Part::File(..) => None,
            })
            .collect()
    }

    /// One line for messages: where to, fields with labels, buttons.
    pub fn outline(&self) -> String {
        let fields: Vec<String> =
            self.controls.iter().map(|control| format!("{} ({:?})", control.name, control.label)).collect();
        let buttons: Vec<&str> = self.buttons.iter().map(|button| button.words.as_str()).collect();
        format!("form to {} with {} and buttons {buttons:?}", self.action, fields.join(", "))
    }
}

fn read_select(element: ElementRef<'_>) -> Kind {
    let multiple = element.value().attr("multiple").is_some();
    let mut options: Vec<(String, String, bool)> = element
        .select(&selector("option"))
        .filter(|option| option.value().attr("disabled").is_none())
        .map(|option| {
            let words = visible_text(option);
            let value = option.value().attr("value").map_or_else(|| words.clone(), str::to_owned);
            (value, words, option.value().attr("selected").is_some())
        })
        .collect();
    if !multiple {
        // A browser shows the last one marked, or the first one.
        let chosen = options.iter().rposition(|option| option.2).unwrap_or(0);
        for (index, option) in options.iter_mut().enumerate() {
            option.2 = index == chosen;
        }
    }
    Kind::Select { options, multiple }
}

fn is_disabled(element: ElementRef<'_>) -> bool {
    element.value().attr("disabled").is_some()
        || element.ancestors().filter_map(ElementRef::wrap).any(|ancestor| {
            ancestor.value().name() == "fieldset" && ancestor.value().attr("disabled").is_some()
        })
}

/// The accessible name as far as forms need it.
fn label_of(html: &Html, element: ElementRef<'_>) -> String {
    if let Some(label) = element.value().attr("aria-label") {
        return label.to_owned();
    }
    if let Some(id) = element.value().attr("id") {
        let named = html
            .select(&selector("label"))
            .find(|label| label.value().attr("for") == Some(id))
            .map(visible_text);
        if let Some(words) = named {
            return words;
        }
    }
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find(|ancestor| ancestor.value().name() == "label")
        .map(visible_text)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::page::Page;

    fn page(body: &str) -> Page {
        Page {
            status: 200,
            path: "/here?x=1".to_owned(),
            headers: reqwest::header::HeaderMap::new(),
            body: body.to_owned(),
        }
    }

    #[test]
    fn a_form_sends_what_a_browser_sends() {
        let page = page(
            r#"<form method="post" id="f"><input type="hidden" name="csrf" value="t">
            <label for="n">Name</label><input id="n" name="name" value="old">
            <input name="off" disabled value="no"><input type="checkbox" name="tick" value="1">
            <select name="stage"><option value="a">A</option><option value="b">B</option></select>
            <textarea name="notes">
one
two</textarea><button name="do" value="save">Save</button><button name="do" value="more">More</button></form>
            <input form="f" name="beside" value="x">"#,
        );
        let form =
            page.form_with("name").fill("Name", "new").set("stage", "B").set("tick", "true").press("More");
        assert_eq!(form.action, "/here?x=1");
        let pairs = form.pairs();
        let sent: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            sent,
            [
                ("csrf", "t"),
                ("name", "new"),
                ("tick", "1"),
                ("stage", "b"),
                ("notes", "one\r\ntwo"),
                ("beside", "x"),
                ("do", "more")
            ]
        );
    }

    #[test]
    #[should_panic(expected = "cannot be set")]
    fn what_is_not_offered_cannot_be_chosen() {
        let page = page("<form><select name=stage><option>a</select></form>");
        drop(page.form_with("stage").set("stage", "z"));
    }
}
