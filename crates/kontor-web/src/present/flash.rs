//! What the last act did, carried over one redirect in a cookie: a word of a fixed list, a title, and where undo posts.

use axum::http::{HeaderMap, HeaderValue};
use kontor_view::Words;
use kontor_view::shell::Flash;

use crate::frame::{address, cookie};

/// The cookie.
const NAME: &str = "kontor_flash";
/// What may be said: keys of the interface's words.
const KNOWN: &[&str] = &[
    "record.created",
    "record.saved",
    "record.deleted",
    "record.restored",
    "record.purged",
    "record.merged",
    "merge.choose_two",
    "record.moved",
    "record.action_done",
    "approval.said_approved",
    "approval.said_granted",
    "approval.said_granted_waits",
    "approval.said_refused",
    "approval.said_failed",
    "approval.said_withdrawn",
    "approval.said_handed_over",
    "changes.published",
    "changes.published_already",
    "changes.discarded",
    "changes.settled",
    "changes.switched",
    "changes.followed",
    "parked.purged",
    "files.added",
    "files.removed",
    "files.none_sent",
    "problems.reverted",
    "changes.restored",
    "admin.saved_draft",
    "field_editor.saved_off_forms",
    "field_editor.saved_list_off_forms",
    "field_editor.taken_back",
    "changes.discarded_all",
    "changes.discarded_back",
    "profile.saved",
    "profile.password_changed",
    "tokens.withdrawn",
    "secrets.removed",
    "second_factor.ended",
    "second_factor.reset_done",
    "users.saved",
    "workflows.retried",
    "record.action_begun",
    "question.answered",
    "question.too_late",
    "question.answered_first",
    "question.not_taken",
    "question.not_taken_any_more",
    "own.saved",
    "own.deleted",
    "views.saved",
    "views.deleted",
    "views.first_chosen",
    "settings.saved",
    "sharing.added",
    "sharing.removed",
    "activities.added",
    "activities.ticked",
    "activities.unticked",
    "comments.added",
    "comments.changed",
    "comments.removed",
    "following.begun",
    "following.ended",
];

/// Those of them that nothing was done for: they warn.
const WARNING: &[&str] = &[
    "question.too_late",
    "question.answered_first",
    "question.not_taken",
    "question.not_taken_any_more",
    "merge.choose_two",
];

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    what: String,
    named: Vec<(String, String)>,
    undo: String,
    link: (String, String),
}

/// What was done, and what the words name (`record`, `count`).
pub fn done(what: &'static str, named: &[(&str, &str)]) -> Done {
    debug_assert!(KNOWN.contains(&what), "{what} is not among the known words");
    let named =
        named.iter().map(|(name, value)| ((*name).to_owned(), value.chars().take(120).collect())).collect();
    Done { what: what.to_owned(), named, ..Done::default() }
}

impl Done {
    /// Offers undo by a POST to an address of this site.
    #[must_use]
    pub fn with_undo(mut self, action: String) -> Self {
        self.undo = action;
        self
    }

    /// Leads to an address of this site.
    #[must_use]
    pub fn with_link(mut self, href: String, title: &str) -> Self {
        self.link = (href, title.chars().take(120).collect());
        self
    }

    /// The cookie that carries it over.
    pub fn cookie(&self, secure: bool) -> Option<HeaderValue> {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.append_pair("w", &self.what).append_pair("u", &self.undo);
        if !self.link.0.is_empty() {
            text.append_pair("l", &self.link.0).append_pair("t", &self.link.1);
        }
        for (name, value) in &self.named {
            text.append_pair(&format!("n.{name}"), value);
        }
        let text = text.finish();
        cookie::set(NAME, &text, Some(std::time::Duration::from_mins(1)), secure)
    }
}

/// What the browser carried over, as far as it can be ours: a known word, an undo below the workspace.
pub fn read(headers: &HeaderMap, secure: bool, base: &str) -> Option<Done> {
    let text = cookie::read(headers, &cookie::full_name(NAME, secure))?;
    let mut found = Done::default();
    let is_ours = |value: &str| value.starts_with(&format!("{base}/")) && address::is_own_path(value);
    for (name, value) in address::pairs(text.as_bytes()) {
        match name.as_str() {
            "w" if KNOWN.contains(&value.as_str()) => found.what = value,
            "u" if is_ours(&value) => found.undo = value,
            "l" if is_ours(&value) => found.link.0 = value,
            "t" => found.link.1 = value,
            name => {
                if let Some(name) = name.strip_prefix("n.") {
                    found.named.push((name.to_owned(), value));
                }
            }
        }
    }
    (!found.what.is_empty()).then_some(found)
}

/// Takes the cookie away once it was shown.
pub fn clear(secure: bool) -> Option<HeaderValue> {
    cookie::clear(NAME, secure)
}

/// As the page says it.
pub fn flash(done: &Done, words: &Words) -> Flash {
    let named: Vec<(&str, &str)> =
        done.named.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let warns = WARNING.contains(&done.what.as_str());
    Flash {
        tone: if warns { "t-amber" } else { "t-green" }.to_owned(),
        text: words.with(&done.what, &named),
        undo_action: done.undo.clone(),
        link_href: done.link.0.clone(),
        link_title: done.link.1.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn carried(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(&format!("kontor_flash={value}")).unwrap());
        headers
    }

    #[test]
    fn what_was_done_comes_over_and_nothing_else() {
        let done =
            done("record.saved", &[("record", "A & B 客户")]).with_undo("/w/main/r/x/1/restore".into());
        let cookie = done.cookie(false).unwrap();
        let value = cookie.to_str().unwrap().split_once('=').unwrap().1.split(';').next().unwrap();
        assert_eq!(read(&carried(value), false, "/w/main"), Some(done));
        assert_eq!(read(&carried("w=nonsense&n.x=x"), false, "/w/main"), None);
        let other = read(&carried("w=record.saved&u=%2Fw%2Fother%2Fx"), false, "/w/main").unwrap();
        assert_eq!(other.undo, "");
    }
}
