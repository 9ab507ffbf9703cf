//! Charts: colour through classes alone, every value with its words and its link, nothing from outside unescaped.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::Arc;

use kontor_view::Views;
use kontor_view::chart::{Category, ChartData, ChartType, Point, Series, draw, file, sparkline};

const TYPES: [ChartType; 6] = [
    ChartType::Bar,
    ChartType::StackedBar,
    ChartType::Column,
    ChartType::StackedColumn,
    ChartType::Line,
    ChartType::Funnel,
];

fn data(values: &[Option<f64>]) -> ChartData {
    let points = |factor: f64| {
        values
            .iter()
            .enumerate()
            .map(|(index, value)| Point {
                value: value.map(|value| value * factor),
                text: format!("<{index}>"),
                href: format!("/w/main/r/thing?a={index}&b=\""),
            })
            .collect()
    };
    ChartData {
        id: "c".to_owned(),
        title: "Amount & <more>".to_owned(),
        category_title: "Month".to_owned(),
        categories: values
            .iter()
            .enumerate()
            .map(|(index, _)| Category { title: format!("<m{index}>"), href: String::new() })
            .collect(),
        series: vec![
            Series { title: "Won <b>".to_owned(), points: points(1.0) },
            Series { title: "Lost".to_owned(), points: points(0.5) },
        ],
        with_table: true,
        ..ChartData::default()
    }
}

#[test]
fn every_type_draws_without_style_and_with_every_value() {
    let views = Views::built_in().unwrap();
    let words = Arc::clone(views.words("en").unwrap());
    let many: Vec<Option<f64>> =
        (0..40).map(|number| (number % 7 != 3).then(|| f64::from(number - 5) * 1_000.0)).collect();
    for chart in TYPES {
        for values in
            [many.clone(), vec![Some(1.0)], vec![Some(-3.0), Some(4.0), None], vec![Some(0.0), Some(0.0)]]
        {
            let html = draw(chart, &data(&values), &words);
            let html = html.as_str();
            assert!(
                html.contains("<title id=\"c-t\">Amount &amp; &lt;more&gt;</title>")
                    && html.contains("<desc id=\"c-d\">"),
                "{chart:?}"
            );
            for forbidden in ["style=", "fill=", "stroke=", "NaN", "inf", "<m0>", "<b>"] {
                assert!(!html.contains(forbidden), "{chart:?} has {forbidden}");
            }
            assert!(html.contains("aria-label=\"&lt;m0&gt;"), "{chart:?} says no value");
            assert!(html.contains("<table"), "{chart:?} has no table");
            assert!(html.contains("&amp;b=&quot;\""), "{chart:?} has no link");
            assert!(!html.contains("width=\"-") && !html.contains("height=\"-"), "{chart:?} draws backwards");
        }
    }
}

#[test]
fn nothing_to_draw_is_said() {
    let views = Views::built_in().unwrap();
    let words = views.words("zh-CN").unwrap();
    for empty in [ChartData::default(), data(&[None, None])] {
        assert!(draw(ChartType::Line, &empty, words).as_str().contains("暂无可显示的数据"));
    }
    assert!(sparkline(&[1.0]).is_empty());
    assert!(sparkline(&[1.0, 1.0]).as_str().contains("polyline"));
}

#[test]
fn a_file_stands_alone() {
    let views = Views::built_in().unwrap();
    let svg = file(ChartType::Column, &data(&[Some(1.0), Some(2.0)]), views.words("en").unwrap());
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"")
            && svg.contains("<style>")
            && svg.ends_with("</svg>")
    );
}
