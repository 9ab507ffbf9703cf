//! What a step works with, as a line below its title: fields and options by their labels, people and reports by their titles,
//! spans in words.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;

use super::said::Said;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// The line of a step of a workflow that listens to an entity.
pub fn note(reading: &Reading<'_>, listened: &str, step: &Json) -> String {
    let published = Draft::published(reading.session);
    let noted = Noted { reading, said: Said::new(reading, &published), listened, step };
    let parts = [
        noted.entity(),
        noted.values(),
        noted.people(step),
        step.get("who").map(|who| noted.people(who)).unwrap_or_default(),
        noted.named(),
        noted.words(),
        noted.others(),
    ];
    parts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
}

struct Noted<'a> {
    reading: &'a Reading<'a>,
    said: Said<'a>,
    listened: &'a str,
    step: &'a Json,
}

impl Noted<'_> {
    fn text(&self, key: &str) -> &str {
        text(self.step, key)
    }

    fn entity(&self) -> String {
        let name = self.text("entity");
        let found = self.reading.session.model.entity(name);
        found.map_or_else(|| name.to_owned(), |entity| self.reading.title_of(entity))
    }

    /// The entity whose fields the step fills.
    fn subject(&self) -> String {
        let model = &self.reading.session.model;
        match (self.text("entity"), self.text("do")) {
            ("", "task") => {
                let own = model.entity(self.listened);
                let list = own.and_then(|own| own.activity_list());
                list.map_or_else(String::new, |list| list.entity.clone())
            }
            ("", _) => self.listened.to_owned(),
            (named, _) => named.to_owned(),
        }
    }

    /// "Subject: Onboarding ‹Name›, Due: in 3 d".
    fn values(&self) -> String {
        let subject = self.subject();
        let values = self.step.get("values").and_then(Json::as_object).into_iter().flatten();
        let pairs = values.map(|(field, value)| {
            let label = self.said.field(&subject, field);
            format!("{label}{}{}", self.reading.t("form.colon"), self.value(&subject, field, value))
        });
        self.joined(pairs)
    }

    /// A value that is written into a field; what it reads is a field of the record that started the workflow.
    fn value(&self, entity: &str, field: &str, value: &Json) -> String {
        let part = |key: &str| value.get(key).and_then(Json::as_str);
        match (part("field"), part("now"), value) {
            (Some("id"), ..) => self.reading.t("said.this_record"),
            (Some(path), ..) => self.said.path_label(self.listened, path),
            (_, Some(offset), _) => from_now(self.reading, offset),
            (.., Json::String(own)) if own.contains("{{") => self.filled(own),
            _ => self.said.value(entity, field, value),
        }
    }

    /// A text with the labels of its gaps: "Onboarding: ‹Name›".
    fn filled(&self, own: &str) -> String {
        let mut said = String::new();
        let mut rest = own;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((gap, behind)) = after.split_once("}}") else { break };
            let gap = gap.trim();
            let label = match gap.strip_prefix("record.") {
                Some(path) => self.said.path_label(self.listened, path.trim()),
                None => gap.to_owned(),
            };
            said.push_str(before);
            said.push('‹');
            said.push_str(&label);
            said.push('›');
            rest = behind;
        }
        said.push_str(rest);
        said
    }

    /// Whom it is about: people named by fields, roles by their titles, teams and followers.
    fn people(&self, holder: &Json) -> String {
        let is_about_people = matches!(self.text("do"), "notify" | "follow" | "ask");
        if !is_about_people {
            return String::new();
        }
        let list = |key: &str| {
            let all = holder.get(key).and_then(Json::as_array).into_iter().flatten();
            all.filter_map(Json::as_str).map(str::to_owned).collect::<Vec<String>>()
        };
        let mut found: Vec<String> =
            list("fields").iter().map(|path| self.said.path_label(self.listened, path)).collect();
        found.extend(list("roles").iter().map(|name| self.title(DefinitionKind::Role, name)));
        found.extend(list("teams"));
        found.extend(list("users"));
        if holder.get("followers").and_then(Json::as_bool) == Some(true) {
            found.push(self.reading.t("workflows.followers"));
        }
        self.joined(found.into_iter())
    }

    /// What it calls, by its title.
    fn named(&self) -> String {
        let kinds = [
            ("workflow", DefinitionKind::Workflow),
            ("report", DefinitionKind::Report),
            ("approval", DefinitionKind::Approval),
        ];
        let found = kinds.into_iter().find(|(key, _)| !self.text(key).is_empty());
        found.map_or_else(String::new, |(key, kind)| self.title(kind, self.text(key)))
    }

    /// What it says to people.
    fn words(&self) -> String {
        let mut own = ["text", "message", "subject"].into_iter().map(|key| self.text(key));
        own.find(|own| !own.is_empty()).map_or_else(String::new, |own| self.filled(own))
    }

    /// How long it waits, what it runs, whom it gives a record to, which tags it puts on.
    fn others(&self) -> String {
        let mut found = Vec::new();
        if !self.text("for").is_empty() {
            found.push(span(self.reading, self.text("for")));
        }
        if let Some(until) = self.step.get("until").filter(|until| !until.is_null()) {
            found.push(self.value(self.listened, "", until));
        }
        if matches!(self.text("do"), "switch" | "tag" | "score") {
            let field = if self.text("do") == "switch" { self.text("on") } else { self.text("field") };
            found.push(self.said.path_label(self.listened, field));
        }
        for key in ["add", "take"] {
            let value = self.step.get(key).filter(|value| !value.is_null());
            found.extend(value.map(|value| self.value(self.listened, self.text("field"), value)));
        }
        if self.text("do") == "assign" {
            let to = self.step.get("to").filter(|to| !to.is_null());
            found.extend(to.map(|to| self.value(self.listened, "owner", to)));
        }
        found.extend(["function", "url"].into_iter().map(|key| self.text(key).to_owned()));
        self.joined(found.into_iter().filter(|text| !text.is_empty()))
    }

    fn title(&self, kind: DefinitionKind, name: &str) -> String {
        let json = self.reading.session.model.definition(kind, name);
        json.map_or_else(|| name.to_owned(), |json| self.reading.definition_title(kind, name, json))
    }

    fn joined(&self, parts: impl Iterator<Item = String>) -> String {
        parts.collect::<Vec<_>>().join(&self.reading.t("said.comma"))
    }
}

/// "in 3 d", "2 d ago"; what is more than one span as it is written.
fn from_now(reading: &Reading<'_>, offset: &str) -> String {
    let offset = offset.trim();
    let (key, length) = match offset.strip_prefix('-') {
        Some(length) => ("said.ago", length),
        None => ("said.from_now", offset.strip_prefix('+').unwrap_or(offset)),
    };
    if length.is_empty() {
        return reading.words().with("said.now", &[("value", "")]).trim().to_owned();
    }
    reading.words().with(key, &[("span", &span(reading, length))])
}

/// "2 d" for `2d`; what is not one number with days or hours as it is written.
fn span(reading: &Reading<'_>, written: &str) -> String {
    match parts(written) {
        Some((count, unit)) => {
            reading.words().with(&format!("duration.{unit}"), &[("count", &count.to_string())])
        }
        None => written.to_owned(),
    }
}

/// The number and the letter of a span in days or hours; weeks are so many days.
fn parts(written: &str) -> Option<(u64, char)> {
    let written = written.trim();
    let unit = written.chars().next_back()?;
    let digits = written.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        'd' | 'h' => Some((count, unit)),
        'w' => Some((count.checked_mul(7)?, 'd')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_one_number_are_said() {
        assert_eq!(parts("2d"), Some((2, 'd')));
        assert_eq!(parts("1w"), Some((7, 'd')));
        assert_eq!(parts("12h"), Some((12, 'h')));
        for other in ["", "d", "1d 2h", "+3d", "3mo", "soon"] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
