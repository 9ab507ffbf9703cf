//! Addresses: which ones may be followed after an act, and how queries are written.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is escaped in a path segment: everything but what RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One segment of a path.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A path of several segments (the name of a script); the slashes stay.
pub fn segments(text: &str) -> String {
    text.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// A path with a query; pairs with an empty value are left out.
pub fn with_query<N: AsRef<str>, V: AsRef<str>>(
    path: &str,
    pairs: impl IntoIterator<Item = (N, V)>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut any = false;
    for (name, value) in pairs {
        if !value.as_ref().is_empty() {
            query.append_pair(name.as_ref(), value.as_ref());
            any = true;
        }
    }
    if any { format!("{path}?{}", query.finish()) } else { path.to_owned() }
}

/// The pairs of a query or of a form body, in order.
pub fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// Pairs as a form body.
pub fn encoded(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Whether an address that came with a request may be followed afterwards: a path of this site and nothing else.
///
/// Browsers read `//host` and `/\host` as another site and drop tabs and line ends before they look.
pub fn is_own_path(address: &str) -> bool {
    let mut letters = address.chars();
    if letters.next() != Some('/') {
        return false;
    }
    !matches!(letters.next(), Some('/' | '\\'))
        && !address.chars().any(|letter| letter.is_control() || letter == '\\')
}

/// The address when it may be followed, else `fallback`.
pub fn own_path_or<'a>(address: &'a str, fallback: &'a str) -> &'a str {
    if is_own_path(address) { address } else { fallback }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for good in ["/", "/w/main/", "/w/main/r/deal?stage=won&sort=-amount#x", "/w/main/r/客户"] {
            assert!(is_own_path(good), "{good}");
        }
        for bad in [
            "",
            "w/main",
            "//evil.example",
            "/\\evil.example",
            "\\/evil",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/w\\..\\x",
            "/w\r\nSet-Cookie: a=b",
            " /w",
        ] {
            assert!(!is_own_path(bad), "{bad:?}");
        }
    }

    #[test]
    fn queries_are_escaped_and_leave_out_what_is_empty() {
        assert_eq!(
            with_query("/a", [("stage", "won"), ("q", ""), ("name", "A & B")]),
            "/a?stage=won&name=A+%26+B"
        );
        assert_eq!(with_query("/a", [("q", "")]), "/a");
        assert_eq!(segment("a/b c"), "a%2Fb%20c");
        assert_eq!(segments("entities/de al"), "entities/de%20al");
        assert_eq!(
            pairs(b"a=1&a=2&b=%E4%B8%AD"),
            [("a", "1"), ("a", "2"), ("b", "中")].map(|(n, v)| (n.into(), v.into()))
        );
    }
}
