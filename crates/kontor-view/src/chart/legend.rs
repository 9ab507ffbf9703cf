//! What stands below a chart: which colour is which series, and the same data as a table.

use std::fmt::Write as _;

use super::{ChartData, colour};
use crate::page::search::escape;
use crate::{Words, icon};

/// The legend; empty for a single series.
pub(crate) fn legend(data: &ChartData) -> String {
    if data.series.len() < 2 {
        return String::new();
    }
    let mut html = String::from(r#"<p class="xs muted cluster wide">"#);
    for (number, series) in data.series.iter().enumerate() {
        let _ = write!(
            html,
            r#"<span class="line"><svg class="i" viewBox="0 0 10 10" aria-hidden="true"><rect class="f{} nostroke" width="10" height="10" rx="2"/></svg>{}</span>"#,
            colour(number),
            escape(&series.title)
        );
    }
    html.push_str("</p>");
    html
}

/// The data as a folded table.
pub(crate) fn table(data: &ChartData, words: &Words) -> String {
    let title = escape(&data.title);
    let mut html = format!(
        r#"<details class="data"><summary>{}{}</summary><div class="table" role="group" aria-label="{title}" tabindex="0"><table class="rows"><caption class="vh">{title}</caption><thead><tr><th scope="col">{}</th>"#,
        icon::markup("chevron-right", "tw flip"),
        escape(&words.t("chart.show_table")),
        escape(&data.category_title)
    );
    for series in &data.series {
        let _ = write!(html, r#"<th scope="col" class="num">{}</th>"#, escape(&series.title));
    }
    html.push_str("</tr></thead><tbody>");
    for (index, category) in data.categories.iter().enumerate() {
        let _ = write!(html, r#"<tr><th scope="row">{}</th>"#, escape(&category.title));
        for series in &data.series {
            let text = series.points.get(index).map(|point| escape(&point.text)).unwrap_or_default();
            let _ = write!(html, r#"<td class="num">{text}</td>"#);
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div></details>");
    html
}
