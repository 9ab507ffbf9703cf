//! The search over all entities. Both databases index the same words: letters and digits, folded, each Han and
//! Kana character a word by itself, so that a part of a Chinese text is found as a phrase.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use kontor_model::access::Scope;
use kontor_model::entity::system;
use kontor_model::filter::FilterContext;
use kontor_model::value::fold;
use kontor_model::{Access, EntityModel, Model};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Order, SelectStatement};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::Plan;
use super::frame::Frame;
use super::mask::{Reader, may_read};
use super::types::Found;
use crate::error::Result;
use crate::store::Store;
use crate::target::Dialect;

impl Store {
    /// The keys of the entities that hold any record whose search text holds all the words, whoever may see it: they
    /// say which entities are worth asking, and are nothing to show. One look at the index, however many entities there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn entities_with(&self, text: &str) -> Result<HashSet<String>> {
        let Some(words) = Words::of(text) else { return Ok(HashSet::new()) };
        let names = &self.inner.names;
        let index = names.expand("@search");
        let (sql, words) = match names.dialect {
            Dialect::Sqlite => (
                format!(
                    "SELECT DISTINCT h.entity FROM {index}_text f JOIN {index} h ON h.id = f.rowid \
                     WHERE f.s_search_text MATCH ?"
                ),
                words.for_sqlite(),
            ),
            Dialect::Postgres => (
                format!("SELECT DISTINCT h.entity FROM {index} h WHERE h.words @@ $1::tsquery"),
                words.for_postgres(),
            ),
        };
        let statement = Statement::from_sql_and_values(names.backend(), sql, [words.into()]);
        let rows = self.inner.readers.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// The records of an entity whose search text holds all the words, the last of them possibly unfinished; the
    /// best first, at most `limit`, and only what the asker may see.
    ///
    /// # Errors
    /// When the model has no such entity, or the database fails.
    pub async fn search(
        &self,
        model: &Model,
        access: &Access,
        entity: &str,
        text: &str,
        limit: u64,
        context: &FilterContext,
    ) -> Result<Vec<Found>> {
        let Some(words) = Words::of(text) else { return Ok(Vec::new()) };
        self.found(model, access, entity, &words, limit, context).await
    }

    /// The records of an entity whose search text shares words with a text; those that share most, and what is rarest,
    /// first, at most `limit`, and only what the asker may see.
    ///
    /// # Errors
    /// When the model has no such entity, or the database fails.
    pub async fn alike(
        &self,
        model: &Model,
        access: &Access,
        entity: &str,
        text: &str,
        limit: u64,
        context: &FilterContext,
    ) -> Result<Vec<Found>> {
        let Some(words) = Words::any_of(text) else { return Ok(Vec::new()) };
        self.found(model, access, entity, &words, limit, context).await
    }

    async fn found(
        &self,
        model: &Model,
        access: &Access,
        entity: &str,
        words: &Words,
        limit: u64,
        context: &FilterContext,
    ) -> Result<Vec<Found>> {
        let statement = {
            let plan = Plan::new(model, access, context, &self.inner.names);
            plan.search(plan.entity(entity)?, words, limit)?
        };
        let Some(statement) = statement else { return Ok(Vec::new()) };
        let rows = self.inner.readers.query_all_raw(statement).await?;
        let mut hits = Vec::with_capacity(rows.len());
        for row in &rows {
            hits.push((row.try_get_by_index::<Uuid>(0)?, row.try_get_by_index::<f64>(1)?));
        }
        let ids: Vec<Uuid> = hits.iter().map(|(id, _)| *id).collect();
        let mut titles = self.titles(model, access, entity, &ids, context).await?;
        let found = |(id, rank)| Found {
            entity: entity.to_owned(),
            id,
            title: titles.remove(&id).unwrap_or_default(),
            rank,
        };
        Ok(hits.into_iter().map(found).collect())
    }
}

impl<'a> Plan<'a> {
    /// `None` when the asker sees no record of the entity, or when its search text holds a field that the asker may not read: a hit would tell.
    fn search(&self, entity: &'a EntityModel, words: &Words, limit: u64) -> Result<Option<Statement>> {
        let hidden =
            |index: &usize| entity.fields.get(*index).is_none_or(|field| !may_read(self, entity, field));
        let sees_none = matches!(self.access.entity(&entity.name).read, Scope::None);
        if sees_none || entity.search.iter().any(hidden) {
            return Ok(None);
        }
        let mut frame = Frame::new(self, entity);
        let mut select = SelectStatement::new();
        let id = frame.system(system::ID);
        let scope = self.root_scope(&mut frame, Reader::Asker, false)?;
        frame.put_into(self, &mut select);
        let of_record =
            Expr::col(("h", "record")).eq(id.clone()).and(Expr::col(("h", "entity")).eq(&*entity.key));
        select.join(JoinType::InnerJoin, self.system_table("s_search").alias("h"), of_record);
        let rank = match self.dialect() {
            Dialect::Sqlite => {
                let same_row = Expr::col(("f", "rowid")).eq(Expr::col(("h", "id")));
                select.join(JoinType::InnerJoin, self.system_table("s_search_text").alias("f"), same_row);
                let query = Expr::val(words.for_sqlite());
                select.and_where(self.custom("\"f\".\"s_search_text\" MATCH ?", vec![query]));
                Expr::cust("-bm25(s_search_text)")
            }
            Dialect::Postgres => {
                let query = self.custom("?::tsquery", vec![Expr::val(words.for_postgres())]);
                select.and_where(self.custom("\"h\".\"words\" @@ ?", vec![query.clone()]));
                self.custom("ts_rank(\"h\".\"words\", ?)::float8", vec![query])
            }
        };
        select.expr(id).expr(rank).and_where(scope);
        select
            .order_by_expr(Expr::cust("2"), Order::Desc)
            .order_by_expr(Expr::cust("1"), Order::Desc)
            .limit(limit);
        Ok(Some(self.statement(entity, &select)))
    }
}

/// The words of a search, each a phrase of the words in the index.
pub(crate) struct Words {
    phrases: Vec<Vec<String>>,
    /// Whether one of them is enough.
    any: bool,
}

/// Most words of a text that are looked for.
const MOST_COMPARED: usize = 24;
/// Shortest word that says something by itself, unless it has a number in it.
const LEAST_LETTERS: usize = 4;

impl Words {
    /// `None` when there is nothing to look for.
    fn of(text: &str) -> Option<Self> {
        let phrases: Vec<Vec<String>> = text
            .split_whitespace()
            .map(|word| segment(word).split(' ').filter(|part| !part.is_empty()).map(str::to_owned).collect())
            .filter(|phrase: &Vec<String>| !phrase.is_empty())
            .collect();
        (!phrases.is_empty()).then_some(Self { phrases, any: false })
    }

    /// The words of a text, each once, of which one is enough; of what is written without blanks each two signs that
    /// follow one another. The longest are taken, for they say most.
    fn any_of(text: &str) -> Option<Self> {
        let segmented = segment(text);
        let words: Vec<&str> = segmented.split(' ').filter(|word| !word.is_empty()).collect();
        let is_sign = |word: &str| word.chars().next().is_some_and(stands_alone);
        let mut seen = BTreeSet::new();
        let mut phrases: Vec<Vec<String>> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let next = words.get(index + 1).filter(|next| is_sign(next));
            let phrase = match (is_sign(word), next) {
                (true, Some(next)) => vec![(*word).to_owned(), (*next).to_owned()],
                (false, _) if says_something(word) => vec![(*word).to_owned()],
                _ => continue,
            };
            if seen.insert(phrase.clone()) {
                phrases.push(phrase);
            }
        }
        phrases.sort_by_key(|phrase| {
            std::cmp::Reverse(phrase.iter().map(|word| word.chars().count()).sum::<usize>())
        });
        phrases.truncate(MOST_COMPARED);
        (!phrases.is_empty()).then_some(Self { phrases, any: true })
    }

    /// `"a b" AND "c"*`: the words hold letters and digits only, so nothing needs escaping.
    fn for_sqlite(&self) -> String {
        let phrases: Vec<String> =
            self.phrases.iter().map(|phrase| format!("\"{}\"", phrase.join(" "))).collect();
        if self.any { phrases.join(" OR ") } else { format!("{}*", phrases.join(" AND ")) }
    }

    /// `'a' <-> 'b' & 'c':*`: what PostgreSQL's own parser would make of a text depends on the locale of the
    /// database, so the words go in ready.
    fn for_postgres(&self) -> String {
        let quoted = |phrase: &Vec<String>| {
            phrase.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" <-> ")
        };
        let phrases: Vec<String> = self.phrases.iter().map(quoted).collect();
        if self.any { phrases.join(" | ") } else { format!("{}:*", phrases.join(" & ")) }
    }
}

/// Longest text that is indexed, in words.
const MAX_WORDS: usize = 20_000;
/// Longest word, in bytes; PostgreSQL takes 2,046.
const MAX_WORD: usize = 200;

/// The words of a text as PostgreSQL's text search keeps them, each with its place.
pub(crate) fn vector(text: &str) -> String {
    let mut vector = String::new();
    for (place, word) in (1_usize..).zip(segment(text).split(' ').filter(|word| !word.is_empty())) {
        // Writing into a text cannot fail.
        let _ = write!(vector, "'{word}':{place} ");
    }
    vector
}

/// Whether a word tells texts apart: most short ones stand in all of them.
fn says_something(word: &str) -> bool {
    let letters = word.chars().count();
    letters >= LEAST_LETTERS || (letters > 1 && word.chars().any(char::is_numeric))
}

/// The words of a text as they are indexed, with blanks between them.
pub(crate) fn segment(text: &str) -> String {
    let folded = fold(text);
    let mut words = String::with_capacity(folded.len() + folded.len() / 2);
    for character in folded.chars() {
        if stands_alone(character) {
            words.push(' ');
            words.push(character);
            words.push(' ');
        } else if character.is_alphanumeric() {
            words.push(character);
        } else {
            words.push(' ');
        }
    }
    words
        .split(' ')
        .filter(|word| !word.is_empty() && word.len() <= MAX_WORD)
        .take(MAX_WORDS)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Han and Kana, which are written without blanks between words (Unicode blocks).
fn stands_alone(character: char) -> bool {
    matches!(u32::from(character),
        0x3040..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn words_are_set_apart() {
        assert_eq!(segment("Müller-Lüdenscheidt GmbH"), "müller lüdenscheidt gmbh");
        assert_eq!(segment("上海Acme公司"), "上 海 acme 公 司");
        let words = Words::of("上海 acm").unwrap();
        assert_eq!(words.for_sqlite(), "\"上 海\" AND \"acm\"*");
        assert_eq!(words.for_postgres(), "'上' <-> '海' & 'acm':*");
        assert!(Words::of(" - ").is_none());
    }

    #[test]
    fn one_word_is_enough_to_be_alike() {
        let words = Words::any_of("The printer, the PRINTER X4 is on fire 打印机").unwrap();
        assert_eq!(words.for_sqlite(), "\"printer\" OR \"fire\" OR \"x4\" OR \"打 印\" OR \"印 机\"");
        assert_eq!(words.for_postgres(), "'printer' | 'fire' | 'x4' | '打' <-> '印' | '印' <-> '机'");
        assert!(Words::any_of("is on 机 —").is_none(), "what is short says nothing");
        let long = (0..200).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
        assert_eq!(Words::any_of(&long).unwrap().phrases.len(), MOST_COMPARED);
    }
}
