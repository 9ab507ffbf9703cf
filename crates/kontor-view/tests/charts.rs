//! Charts: colour through classes alone, every value with its words and its link, nothing from outside unescaped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

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

#[test]
fn names_in_wide_letters_take_their_room() {
    let views = Views::built_in().unwrap();
    let words = Arc::clone(views.words("en").unwrap());
    let mut data = data(&[Some(1.0), Some(2.0), Some(3.0), Some(4.0), Some(5.0), Some(6.0)]);
    for category in &mut data.categories {
        category.title = "上海华东区域销售办公室".to_owned();
    }
    let texts = |chart: ChartType| -> Vec<(String, f64, String)> {
        let html = draw(chart, &data, &words);
        let parts = html.as_str().split("<text class=\"").skip(1).map(str::to_owned).collect::<Vec<_>>();
        let read = |part: &String| {
            let (class, rest) = part.split_once('"').unwrap();
            let x = rest.split_once("x=\"").unwrap().1.split_once('"').unwrap().0.parse().unwrap();
            (class.to_owned(), x, rest.split_once('>').unwrap().1.split_once('<').unwrap().0.to_owned())
        };
        parts.iter().map(read).collect()
    };
    // Beside bars a shorter name stands ready for narrow pictures.
    for chart in [ChartType::Bar, ChartType::Funnel] {
        let found = texts(chart);
        assert!(found.iter().any(|(class, _, text)| class == "strong minor" && text == "上海华东区域销售…"));
        assert!(found.iter().any(|(class, _, text)| class == "strong narrow" && text == "上海华东区域…"));
    }
    // Below an axis names neither meet nor leave the picture, at the size of letters that narrow pictures have.
    for chart in [ChartType::Column, ChartType::Line] {
        let names: Vec<_> = texts(chart).into_iter().filter(|(_, _, text)| text.starts_with('上')).collect();
        let stay: Vec<_> = names.iter().filter(|(class, ..)| class == "mid").collect();
        assert!(stay.len() > 1 && stay.len() < 6, "{names:?}");
        let half = 13.0 * 7.5 / 2.0;
        assert!(stay.iter().all(|(_, x, _)| x - half >= 0.0 && x + half <= 480.0), "{stay:?}");
        assert!(stay.windows(2).all(|pair| pair[1].1 - pair[0].1 >= half * 2.0), "{stay:?}");
    }
}
