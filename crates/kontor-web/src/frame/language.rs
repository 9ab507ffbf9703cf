//! Which language somebody is spoken to in before we know who it is: what the browser asks for, as far as there is one.

/// The best of `known` for an `Accept-Language` header; the first of `known` when nothing fits.
///
/// A range fits a language of which it is the beginning (`zh` fits `zh-CN`), and the other way round (`en-GB` is served `en`).
pub fn choose<'a>(header: &str, known: &[&'a str]) -> Option<&'a str> {
    let mut ranges: Vec<(f32, &str)> = header
        .split(',')
        .filter_map(|part| {
            let mut pieces = part.split(';');
            let range = pieces.next()?.trim();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok())?;
            (!range.is_empty() && weight > 0.0).then_some((weight, range))
        })
        .collect();
    ranges.sort_by(|left, right| right.0.total_cmp(&left.0));
    ranges
        .iter()
        .find_map(|(_, range)| if *range == "*" { known.first() } else { fitting(range, known) })
        .or_else(|| known.first())
        .copied()
}

fn fitting<'a, 'k>(range: &str, known: &'k [&'a str]) -> Option<&'k &'a str> {
    let main = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    known
        .iter()
        .find(|language| language.eq_ignore_ascii_case(range))
        .or_else(|| known.iter().find(|language| main(language) == main(range)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_what_there_is() {
        let known = ["en", "zh-CN"];
        for (header, wanted) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
            ("zh", "zh-CN"),
            ("zh-Hans-SG", "zh-CN"),
            ("en-GB, zh;q=0.5", "en"),
            ("fr, zh;q=0.2, en;q=0.1", "zh-CN"),
            ("fr", "en"),
            ("", "en"),
            ("*", "en"),
            ("zh;q=0, de", "en"),
            ("zh;q=x", "en"),
        ] {
            assert_eq!(choose(header, &known), Some(wanted), "{header}");
        }
        assert_eq!(choose("en", &[]), None);
    }
}
