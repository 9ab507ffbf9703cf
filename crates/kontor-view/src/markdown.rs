//! Markdown as HTML that is safe to show. Two locks: the renderer passes no raw HTML, it comes out as text; and what the
//! renderer wrote goes through a list of the elements and addresses that may be there.

use std::sync::OnceLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The HTML of a text.
pub fn html(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(text, options).flat_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => vec![Event::Text(raw)],
        // A page has headings of its own, in an order that readers' tools go by.
        Event::Start(Tag::Heading { .. }) => vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)],
        Event::End(TagEnd::Heading(_)) => vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)],
        other => vec![other],
    });
    let mut written = String::with_capacity(text.len() + text.len() / 2);
    pulldown_cmark::html::push_html(&mut written, events);
    allowed().clean(&written).to_string()
}

/// What may be on a page.
fn allowed() -> &'static ammonia::Builder<'static> {
    static ALLOWED: OnceLock<ammonia::Builder<'static>> = OnceLock::new();
    ALLOWED.get_or_init(|| {
        let mut builder = ammonia::Builder::empty();
        builder
            .tags(
                [
                    "a",
                    "blockquote",
                    "br",
                    "code",
                    "del",
                    "em",
                    "hr",
                    "li",
                    "ol",
                    "p",
                    "pre",
                    "strong",
                    "table",
                    "tbody",
                    "td",
                    "th",
                    "thead",
                    "tr",
                    "ul",
                ]
                .into(),
            )
            .add_tag_attributes("a", ["href", "title"])
            .add_tag_attributes("ol", ["start"])
            .url_schemes(["http", "https", "mailto", "tel"].into())
            .link_rel(Some("noopener noreferrer nofollow"))
            .clean_content_tags(["script", "style"].into());
        builder
    })
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn what_people_write() {
        assert_eq!(html("**bold** and _so_"), "<p><strong>bold</strong> and <em>so</em></p>\n");
        assert_eq!(html("- one\n- two"), "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n");
        assert!(html("[us](https://kontor.dev)").contains("href=\"https://kontor.dev\""));
        assert!(html("a < b & c").contains("a &lt; b &amp; c"));
    }

    #[test]
    fn nothing_runs() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](data:text/html;base64,PHNjcmlwdD4=)",
            "![a](https://tracker.example/x.png)",
            "<a href='javascript:alert(1)'>a</a>",
            "<javascript:alert(1)>",
            "[a]: javascript:alert(1)\n\n[a]",
            "[a](<javascript:alert(1)> \"onmouseover=alert(1)\")",
            "<svg/onload=alert(1)>",
            "`<b>`<iframe src=//x>",
            "<div style=\"background:url(//x)\">",
        ] {
            let html = html(text);
            let lower = html.to_lowercase();
            // As text they may be there, with their brackets escaped; as markup never. Pictures are left out too: they
            // would be fetched from somebody else.
            for bad in
                ["<script", "<img", "<svg", "<iframe", "<div", "<b>", "href=\"javascript", "href=\"data"]
            {
                assert!(!lower.contains(bad), "{text} gives {html}");
            }
        }
    }
}
