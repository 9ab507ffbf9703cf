//! `admin/translations`: the labels of the workspace in other languages, into the draft as `locale/<language>.json`.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_model::definition::DefinitionKind;
use kontor_model::labels::{key, set};
use kontor_model::{Json, Problem, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::admin::translations::{
    LabelGroup, LabelLine, LanguageLine, LanguagePage, TranslationsPage,
};
use kontor_view::page::part::Hidden;
use kontor_view::page::part::Place;
use serde::Deserialize;
use serde_json::json;

use super::as_read;
use super::draft::{Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::entity::designer_href;
use crate::present::admin::translations::{KINDS, Translated, all, counted, languages, own_name};
use crate::present::flash;
use crate::visit::Reader;

/// Most labels on one page.
const PAGE: usize = 100;
/// Longest translation, in characters.
const LONGEST: usize = 2_000;
/// From so many characters on a text is typed into several lines.
const LONG: usize = 80;
/// What of the address narrows the labels.
const FILTER: [&str; 4] = ["q", "kind", "entity", "missing"];

#[derive(Deserialize)]
pub struct LanguagePath {
    language: String,
}

/// `GET admin/translations?entity=`.
pub async fn show_languages(reader: Reader, query: Query) -> Result<Response, Failure> {
    draw_languages(&reader, query.text("entity"), &Form::default(), &Problems::new()).await
}

/// `POST admin/translations`: another language.
pub async fn add_language(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let (tag, name) = (sent.text("tag"), sent.text("own_name"));
    let mut problems = Problems::new();
    if !is_tag(tag) {
        problems.push(Problem::at_field("not_a_language", "tag").with("value", tag));
    } else if languages(&reader.reading(), &draft).iter().any(|known| known.eq_ignore_ascii_case(tag)) {
        problems.push(Problem::at_field("language_exists", "tag").with("value", tag));
    }
    if name.is_empty() {
        let label = reader.reading().t("translations.own_name");
        problems.push(Problem::at_field("required", "own_name").with("field", label));
    }
    if problems.has_errors() {
        return draw_languages(&reader, "", &sent, &problems).await;
    }
    let body = json!({ "ui": { "language": { "own_name": name } } });
    draft.put(DefinitionKind::Locale, tag, body).await?;
    let href = reader.reading().admin_href(&format!("translations/{}", address::segment(tag)));
    Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[])))
}

/// A language tag as far as files are named by them: `de`, `pt-BR`, `zh-Hant-TW`.
fn is_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let is_first = parts.next().is_some_and(|first| {
        (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    is_first
        && tag.len() <= 35
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

async fn draw_languages(
    reader: &Reader,
    entity: &str,
    typed: &Form,
    problems: &Problems,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    let spoken: Vec<&str> = reader.visit.app.views.languages().collect();
    let lines = languages(&reading, &draft)
        .into_iter()
        .map(|language| {
            let mut texts = all(&reading, &draft, &language);
            texts.retain(|one| entity.is_empty() || one.is_about(entity));
            let (done, total) = counted(&texts);
            let href = reading.admin_href(&format!("translations/{}", address::segment(&language)));
            let missing = total - done;
            LanguageLine {
                title: own_name(&draft, &language),
                href: address::with_query(&href, [("entity", entity)]),
                missing_href: address::with_query(&href, [("entity", entity), ("missing", "1")]),
                translated: reading.words().with(
                    "translations.done",
                    &[
                        ("done", &reading.format.count(done as u64)),
                        ("total", &reading.format.count(total as u64)),
                    ],
                ),
                missing: if missing == 0 { String::new() } else { reading.format.count(missing as u64) },
                share: u8::try_from(done * 100 / total.max(1)).unwrap_or(100),
                interface: spoken.contains(&language.as_str()),
                draft: draft.state(DefinitionKind::Locale, &language),
                tag: language,
            }
        })
        .collect();
    let page = TranslationsPage {
        at: reader.visit.place(),
        languages: lines,
        action: reading.admin_href("translations"),
        tag: typed.text("tag").to_owned(),
        own_name: typed.text("own_name").to_owned(),
        problems: reading.problem_lines(problems, "l-"),
    };
    let draw = reader.draw();
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// `GET admin/translations/{language}?q=&kind=&entity=&missing=&page=`.
pub async fn show_language(
    reader: Reader,
    Path(path): Path<LanguagePath>,
    query: Query,
) -> Result<Response, Failure> {
    draw_language(&reader, &path.language, &query, None, &Problems::new()).await
}

/// `POST`: what was typed goes into the draft; an emptied label is missing again.
pub async fn save_language(
    reader: Reader,
    Path(path): Path<LanguagePath>,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    if !languages(&reading, &draft).contains(&path.language) {
        return Err(Failure::not_found());
    }
    let mut body = draft
        .definition(DefinitionKind::Locale, &path.language)
        .cloned()
        .unwrap_or_else(|| Json::Object(serde_json::Map::new()));
    let mut problems = Problems::new();
    let mut read = as_read::sent(&sent).unwrap_or_default();
    let mut changed = 0;
    for one in all(&reading, &draft, &path.language) {
        for (label, said) in &one.labels {
            let key = key(one.kind, one.name, &label.path);
            let Some(typed) = sent.get(&key) else { continue };
            let typed = typed.trim().replace("\r\n", "\n");
            let said = said.as_deref().unwrap_or_default();
            let was = text(&read, &key).to_owned();
            let is_left_alone = read.get(&key).is_some() && was == typed;
            if said == typed || is_left_alone {
                continue;
            }
            // Its writer saw something else than what somebody has said meanwhile.
            if read.get(&key).is_some() && was != said {
                problems.push(Problem::at_field("changed_meanwhile_to", &key).with("value", said));
                if let Some(read) = read.as_object_mut() {
                    read.insert(key, said.into());
                }
                continue;
            }
            if typed.chars().count() > LONGEST {
                problems.push(Problem::at_field("too_long", &key).with("limit", LONGEST));
                continue;
            }
            set(&mut body, &key, &typed);
            changed += 1;
        }
    }
    let query = Query(
        sent.0
            .iter()
            .filter(|(name, _)| FILTER.contains(&name.as_str()) || name == "page")
            .cloned()
            .collect(),
    );
    if problems.has_errors() {
        let sent = as_read::again(&sent, &read);
        return draw_language(&reader, &path.language, &query, Some(&sent), &problems).await;
    }
    let href = reading.admin_href(&format!("translations/{}", address::segment(&path.language)));
    let back = address::with_query(&href, query.0);
    if changed == 0 {
        return Ok(reader.go(&back));
    }
    match draft.put(DefinitionKind::Locale, &path.language, body).await {
        Ok(()) => Ok(reader.go_saying(&back, &flash::done("admin.saved_draft", &[]))),
        Err(Error::Problems(problems)) => {
            let back: Query =
                Query(address::pairs(back.split_once('?').map_or("", |(_, rest)| rest).as_bytes()));
            draw_language(&reader, &path.language, &back, Some(&sent), &problems).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Whether a label is wanted by the filter of the address.
fn is_wanted(query: &Query, one: &Translated<'_>, path: &str, text: &str, said: Option<&str>) -> bool {
    let fold = kontor_model::value::fold;
    let sought = fold(query.text("q").trim()).into_owned();
    let is_missing = said.is_none() && !one.is_own;
    (query.text("missing").is_empty() || is_missing)
        && (sought.is_empty()
            || fold(text).contains(sought.as_str())
            || fold(path).contains(sought.as_str())
            || said.is_some_and(|said| fold(said).contains(sought.as_str())))
}

async fn draw_language(
    reader: &Reader,
    language: &str,
    query: &Query,
    typed: Option<&Form>,
    problems: &Problems,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    if !languages(&reading, &draft).iter().any(|known| known == language) {
        return Err(Failure::not_found());
    }
    let texts = all(&reading, &draft, language);
    let (done, total) = counted(&texts);
    let wanted: Vec<(&Translated<'_>, usize)> = texts
        .iter()
        .filter(|one| query.text("kind").is_empty() || one.kind.as_str() == query.text("kind"))
        .filter(|one| query.text("entity").is_empty() || one.is_about(query.text("entity")))
        .flat_map(|one| (0..one.labels.len()).map(move |index| (one, index)))
        .filter(|(one, index)| {
            one.labels
                .get(*index)
                .is_some_and(|(label, said)| is_wanted(query, one, &label.path, &label.text, said.as_deref()))
        })
        .collect();
    let pages = wanted.len().div_ceil(PAGE).max(1);
    let page = query.text("page").parse::<usize>().unwrap_or(1).clamp(1, pages);
    let from = (page - 1) * PAGE;
    let mut groups: Vec<(&Translated<'_>, LabelGroup)> = Vec::new();
    let mut read = serde_json::Map::new();
    for (one, index) in wanted.iter().skip(from).take(PAGE) {
        let Some((label, said)) = one.labels.get(*index) else { continue };
        let name = key(one.kind, one.name, &label.path);
        read.insert(name.clone(), said.clone().unwrap_or_default().into());
        let line = LabelLine {
            value: typed
                .and_then(|typed| typed.get(&name))
                .map_or_else(|| said.clone().unwrap_or_default(), str::to_owned),
            path: label.path.clone(),
            text: label.text.clone(),
            missing: said.is_none() && !one.is_own,
            long: label.text.chars().count() > LONG,
            name,
        };
        match groups.last_mut().filter(|(last, _)| std::ptr::eq(*last, *one)) {
            Some((_, group)) => group.labels.push(line),
            None => groups.push((
                one,
                LabelGroup {
                    kind: reading.t(&format!("definition.{}.one", one.kind)),
                    title: reading.definition_title(one.kind, one.name, one.json),
                    href: designer_href(&reading, one.kind, one.name),
                    labels: vec![line],
                },
            )),
        }
    }
    let action = reading.admin_href(&format!("translations/{}", address::segment(language)));
    let to = |page: usize| {
        let mut pairs = query.without(&["page"]);
        pairs.push(("page".to_owned(), if page > 1 { page.to_string() } else { String::new() }));
        address::with_query(&action, pairs)
    };
    let title = own_name(&draft, language);
    let view = LanguagePage {
        at: Place { read: as_read::carried(typed, &Json::Object(read)), ..reader.visit.place() },
        tag: language.to_owned(),
        interface: reader.visit.app.views.languages().any(|known| known == language),
        summary: reading.words().with(
            "translations.summary",
            &[
                ("done", &reading.format.count(done as u64)),
                ("total", &reading.format.count(total as u64)),
                ("missing", &reading.format.count((total - done) as u64)),
            ],
        ),
        query: query.text("q").to_owned(),
        kinds: kinds(&reading, query.text("kind")),
        entities: entities(&reading, &draft, query.text("entity")),
        missing: !query.text("missing").is_empty(),
        groups: groups.into_iter().map(|(_, group)| group).collect(),
        hidden: FILTER
            .iter()
            .chain(&["page"])
            .map(|name| Hidden { name: (*name).to_owned(), value: query.text(name).to_owned() })
            .filter(|hidden| !hidden.value.is_empty())
            .collect(),
        range: reading.words().with(
            "translations.range",
            &[
                ("from", &reading.format.count((from + 1).min(wanted.len()) as u64)),
                ("to", &reading.format.count((from + PAGE).min(wanted.len()) as u64)),
                ("total", &reading.format.count(wanted.len() as u64)),
            ],
        ),
        previous: if page > 1 { to(page - 1) } else { String::new() },
        next: if page < pages { to(page + 1) } else { String::new() },
        source_href: reading.admin_href(&format!("source/locale/{}", address::segment(language))),
        problems: reading.problem_lines(problems, "t-"),
        language: title,
        action,
    };
    let draw = reader.draw().below(reading.t("translations.title"), reading.admin_href("translations"));
    if problems.is_empty() { draw.view(&view).await } else { draw.refused().view(&view).await }
}

fn kinds(reading: &crate::present::Reading<'_>, chosen: &str) -> Vec<OptionView> {
    let mut found = vec![OptionView::new("", reading.t("translations.all_kinds"), chosen.is_empty())];
    found.extend(KINDS.into_iter().map(|kind| {
        OptionView::new(
            kind.as_str(),
            reading.t(&format!("definition.{kind}.plural")),
            kind.as_str() == chosen,
        )
    }));
    found
}

fn entities(reading: &crate::present::Reading<'_>, draft: &Draft<'_>, chosen: &str) -> Vec<OptionView> {
    let mut found = vec![OptionView::new("", reading.t("diagram.everything"), chosen.is_empty())];
    found.extend(draft.all(DefinitionKind::Entity).into_iter().map(|(name, json)| {
        OptionView::new(name, reading.definition_title(DefinitionKind::Entity, name, json), name == chosen)
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::is_tag;

    #[test]
    fn a_language_is_named_by_its_tag() {
        for good in ["de", "pt-BR", "zh-Hant-TW", "gsw"] {
            assert!(is_tag(good), "{good}");
        }
        for bad in ["", "d", "DE", "de_DE", "de-", "../x", "de-x y", "german-language", "de/fr"] {
            assert!(!is_tag(bad), "{bad}");
        }
    }
}
