//! In which order derived values are computed, and that none depends on itself.

use std::collections::{BTreeMap, HashMap};

use indexmap::IndexMap;

use crate::entity::{EntityModel, Source};
use crate::filter::{FieldPath, Filter, Has};
use crate::problem::{Problem, Problems};

/// A field of an entity, by their places.
type Node = (usize, usize);

/// Fills in `derived_order`, or says which entities have a field that depends on itself.
pub(super) fn order(entities: &mut IndexMap<String, EntityModel>) -> Result<(), BTreeMap<String, Problems>> {
    let graph = Graph { entities };
    let mut visit = Visit {
        graph: &graph,
        state: HashMap::new(),
        path: Vec::new(),
        done: Vec::new(),
        cycles: Vec::new(),
    };
    for (entity, model) in graph.entities.values().enumerate() {
        for field in 0..model.fields.len() {
            visit.node((entity, field));
        }
    }
    let Visit { done, cycles, .. } = visit;
    let mut problems_of: BTreeMap<String, Problems> = BTreeMap::new();
    for mut cycle in cycles {
        // The last is the first again. Whoever changed one of them wants to see the circle from there.
        cycle.pop();
        for begin in 0..cycle.len() {
            let Some((entity, field)) = cycle.get(begin).copied() else { continue };
            let Some((name, model)) = graph.entities.get_index(entity) else { continue };
            let Some(field) = model.fields.get(field).filter(|field| field.is_derived()) else { continue };
            let path: Vec<String> = cycle
                .iter()
                .cycle()
                .skip(begin)
                .take(cycle.len() + 1)
                .map(|node| graph.name(*node))
                .collect();
            let key = if matches!(field.source, Source::Rollup(_)) { "rollup" } else { "formula" };
            let at = format!("/properties/{}/{key}", field.name);
            let problem = Problem::new("formula_cycle", at).with("path", path.join(" → "));
            let problems = problems_of.entry(name.clone()).or_default();
            if !problems.iter().any(|known| known.path == problem.path) {
                problems.push(problem);
            }
        }
    }
    if !problems_of.is_empty() {
        return Err(problems_of);
    }
    for (rank, (entity, field)) in done.into_iter().enumerate() {
        if let Some((_, model)) = entities.get_index_mut(entity)
            && let Some(found) = model.fields.get_mut(field)
            && !matches!(found.source, Source::Typed)
        {
            found.rank = rank;
            model.derived_order.push(field);
        }
    }
    Ok(())
}

struct Graph<'a> {
    entities: &'a IndexMap<String, EntityModel>,
}

impl Graph<'_> {
    /// What the value of a field depends on. A copy is taken once, when its link is set, so it depends on the link alone.
    fn needs(&self, (entity, field): Node) -> Vec<Node> {
        let Some(field) = self.entities.get_index(entity).and_then(|(_, model)| model.fields.get(field))
        else {
            return Vec::new();
        };
        let mut nodes = Vec::new();
        match &field.source {
            Source::Typed | Source::Kept => {}
            Source::Formula(formula) => {
                formula.reads.iter().for_each(|path| self.add_path(path, &mut nodes));
                // A currency that follows a link is there when its amount is.
                nodes.extend(field.companion_of.map(|amount| (entity, amount)));
            }
            Source::Converted(conversion) => {
                let own = [conversion.amount, conversion.currency].into_iter().chain(conversion.days.clone());
                nodes.extend(own.map(|field| (entity, field)));
            }
            Source::Copy(link, _) => nodes.push((entity, *link)),
            Source::Rollup(rollup) => {
                self.add(&rollup.entity, |model| model.field_index(&rollup.field), &mut nodes);
                if let Some(of) = &rollup.of {
                    self.add(&rollup.entity, |model| model.field_index(of), &mut nodes);
                    // Amounts in several currencies are added up in the workspace's.
                    let converted =
                        |model: &EntityModel| Some(model.converted_of(model.field_index(of)?)?.index);
                    self.add(&rollup.entity, converted, &mut nodes);
                }
                if rollup.picks().is_some() {
                    self.add(&rollup.entity, |model| Some(rollup.by(model)?.index), &mut nodes);
                }
                self.add_filter(&rollup.filter, &mut nodes);
            }
        }
        nodes
    }

    fn add_path(&self, path: &FieldPath, nodes: &mut Vec<Node>) {
        for hop in &path.hops {
            self.add(&hop.entity, |_| Some(hop.field), nodes);
        }
        self.add(&path.entity, |_| Some(path.field), nodes);
    }

    fn add_filter(&self, filter: &Filter, nodes: &mut Vec<Node>) {
        filter.paths().into_iter().for_each(|path| self.add_path(path, nodes));
        for Has { entity, field, filter, .. } in filter.has_conditions() {
            self.add(entity, |_| Some(*field), nodes);
            self.add_filter(filter, nodes);
        }
    }

    fn add(&self, entity: &str, field: impl Fn(&EntityModel) -> Option<usize>, nodes: &mut Vec<Node>) {
        if let Some((index, _, model)) = self.entities.get_full(entity)
            && let Some(field) = field(model)
        {
            nodes.push((index, field));
        }
    }

    fn name(&self, (entity, field): Node) -> String {
        let found = self.entities.get_index(entity);
        let field =
            found.and_then(|(_, model)| model.fields.get(field)).map_or("", |field| field.name.as_str());
        format!("{}.{field}", found.map_or("", |(name, _)| name.as_str()))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Done,
}

struct Visit<'a> {
    graph: &'a Graph<'a>,
    state: HashMap<Node, State>,
    path: Vec<Node>,
    done: Vec<Node>,
    cycles: Vec<Vec<Node>>,
}

impl Visit<'_> {
    /// Depth first, so that a node is done after all that it needs.
    fn node(&mut self, node: Node) {
        match self.state.get(&node) {
            Some(State::Done) => return,
            Some(State::Open) => {
                let begin = self.path.iter().position(|open| *open == node).unwrap_or(0);
                let mut cycle: Vec<Node> = self.path.iter().skip(begin).copied().collect();
                cycle.push(node);
                self.cycles.push(cycle);
                return;
            }
            None => {}
        }
        self.state.insert(node, State::Open);
        self.path.push(node);
        for needed in self.graph.needs(node) {
            self.node(needed);
        }
        self.path.pop();
        self.state.insert(node, State::Done);
        self.done.push(node);
    }
}
