//! `admin/versions`: the published versions, and going back to one.

use axum::extract::{Path, Query};
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::{Outcome, Plan, PlannedChange, versions};
use kontor_model::diff::Class;
use kontor_view::page::admin::changes::RestorePage;
use kontor_view::page::admin::parked::VersionsPage;
use kontor_view::page::part::Pager;
use serde::Deserialize;

use super::draft::Draft;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::admin::changes;
use crate::present::{Reading, flash};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct VersionPath {
    n: String,
}

/// Two versions that are compared.
#[derive(Deserialize)]
pub struct Chosen {
    from: Option<String>,
    to: Option<String>,
    /// How many newer versions stand on the pages before.
    after: Option<String>,
}

/// Versions on one page.
const ROWS: usize = 50;

impl VersionPath {
    fn number(&self) -> Result<i64, Failure> {
        self.n.parse().map_err(|_| Failure::not_found())
    }
}

/// `GET admin/versions`.
pub async fn list_versions(reader: Reader, Query(chosen): Query<Chosen>) -> Result<Response, Failure> {
    let reading = reader.reading();
    let session = &reader.session;
    let all = versions::list(session).await?;
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<i64>().ok());
    let after =
        number(&chosen.after).and_then(|after| usize::try_from(after).ok()).unwrap_or(0).min(all.len());
    let own = reading.admin_href("versions");
    let mut page = VersionsPage {
        at: reader.visit.place(),
        action: own.clone(),
        versions: changes::version_lines(&reading, all.get(after..).unwrap_or_default(), ROWS).await,
        pager: pager(&reading, &own, &chosen, (after, all.len())),
        parked_href: reading.admin_href("parked"),
        ..VersionsPage::default()
    };
    if let (Some(from), Some(to)) = (number(&chosen.from), number(&chosen.to)) {
        let plan = Plan {
            changes: versions::difference(session, from, to).await?.into_iter().map(Into::into).collect(),
            sql: Vec::new(),
        };
        let draft = Draft::open(session).await?;
        page.changes = changes::cards(&reading, &draft, &plan);
        for card in &mut page.changes {
            card.discard.clear();
            card.diff.clear();
        }
        (page.from, page.to) = (from.to_string(), to.to_string());
    }
    reader.draw().below(reading.t("changes.title"), reading.admin_href("changes")).view(&page).await
}

/// The pages of the list; what is compared stays.
fn pager(reading: &Reading<'_>, own: &str, chosen: &Chosen, (after, count): (usize, usize)) -> Pager {
    if count <= ROWS && after == 0 {
        return Pager::default();
    }
    let at = |after: usize| {
        let mut pairs = vec![("after", after.to_string())];
        pairs.extend(chosen.from.clone().map(|from| ("from", from)));
        pairs.extend(chosen.to.clone().map(|to| ("to", to)));
        address::with_query(own, pairs)
    };
    let last = after.saturating_add(ROWS).min(count);
    let number = |number: usize| reading.format.count(number as u64);
    let range = [("from", number(after + 1)), ("to", number(last)), ("total", number(count))];
    let range: Vec<(&str, &str)> = range.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Pager {
        range: reading.words().with("list.range", &range),
        previous: if after > 0 { at(after.saturating_sub(ROWS)) } else { String::new() },
        next: if last < count { at(last) } else { String::new() },
    }
}

/// `GET admin/versions/{n}/restore`.
pub async fn ask_restore(reader: Reader, Path(path): Path<VersionPath>) -> Result<Response, Failure> {
    let number = path.number()?;
    let session = &reader.session;
    let reading = reader.reading();
    let all = versions::list(session).await?;
    let one = all.iter().find(|version| version.n == number).ok_or_else(Failure::not_found)?;
    let plan = versions::plan(session, number).await?;
    let draft = Draft::open(session).await?;
    let count = |class: Class| plan.changes.iter().filter(|one| one.change.class == class).count();
    let version = changes::version_lines(&reading, std::slice::from_ref(one), 1)
        .await
        .into_iter()
        .next()
        .unwrap_or_default();
    let page = RestorePage {
        at: reader.visit.place(),
        version,
        action: reading.admin_href(&format!("versions/{number}/restore")),
        cancel_href: reading.admin_href("changes"),
        lossy: count(Class::Lossy),
        refused: if without_purged(&plan) { 0 } else { count(Class::Refused) },
        purged: without_purged(&plan),
        changes: changes::cards(&reading, &draft, &plan)
            .into_iter()
            .map(|mut card| {
                card.discard.clear();
                card
            })
            .collect(),
        sql: plan.sql,
    };
    reader.draw().below(reading.t("changes.title"), reading.admin_href("changes")).view(&page).await
}

/// Whether nothing stands in the way but values that were purged: then the version comes back without them.
fn without_purged(plan: &Plan) -> bool {
    let mut refused = plan.changes.iter().filter(|one| one.change.class == Class::Refused).peekable();
    let is_purged =
        |one: &PlannedChange| one.problem.as_ref().is_some_and(|problem| problem.code == "values_purged");
    refused.peek().is_some() && refused.all(is_purged)
}

/// `POST admin/versions/{n}/restore`. Also where "Undo" after publishing posts: what would lose data asks first.
pub async fn restore(reader: Reader, Path(path): Path<VersionPath>, sent: Form) -> Result<Response, Failure> {
    let number = path.number()?;
    let reading = reader.reading();
    let plan = versions::plan(&reader.session, number).await?;
    let without = without_purged(&plan) && sent.text("without_purged") == "1";
    if (plan.is_refused() && !without) || (plan.is_lossy() && sent.text("accept_loss") != "1") {
        return Ok(reader.go(&reading.admin_href(&format!("versions/{number}/restore"))));
    }
    match versions::restore_or_begin(&reader.session, number, without).await {
        Ok(Outcome::Began(id)) => Ok(reader.go(&reading.admin_href(&format!("publications/{id}")))),
        Ok(Outcome::Published(_)) => Ok(reader.go_saying(
            &reading.admin_href("changes"),
            &flash::done("changes.restored", &[("n", &number.to_string())]),
        )),
        Err(Error::Problems(_)) => Ok(reader.go(&reading.admin_href(&format!("versions/{number}/restore")))),
        Err(other) => Err(other.into()),
    }
}
