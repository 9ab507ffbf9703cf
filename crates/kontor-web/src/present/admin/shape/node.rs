//! A place in a meta-schema: what may stand there. References are followed, and of variants the one is taken that what
//! stands there chooses.

use kontor_model::Json;
use kontor_model::check::meta_schema;
use kontor_model::definition::DefinitionKind;

/// Keys that only layers say: the designer works on the whole, and the difference is found when it is stored.
const OF_LAYERS: [&str; 3] = ["$schema", "extends", "remove"];
/// How the description of a key begins that only layers say, where the same word may mean something else.
const IN_A_LAYER: &str = "In a layer that extends";
/// What a condition refers to.
const CONDITION: &str = "#/$defs/filter";
/// A text longer than this is written in a box of several lines.
const LINE: u64 = 250;

/// What may stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sort {
    /// One of some words.
    Choice(Vec<String>),
    /// Some of some words, each once.
    Ticks(Vec<String>),
    /// True or false.
    Flag,
    /// A number; whole when said so.
    Number(bool),
    /// A line of text, or several.
    Text(bool),
    /// Text, number or yes and no, as a neighbour says or as it is written.
    Scalar,
    /// One simple value, or a list of them.
    Several,
    /// Anything, written as a text or as JSON.
    Any,
    /// An object with known keys.
    Object,
    /// An object with known keys, or only the value of this one.
    Short(&'static str),
    /// One of some words, or an object that says more.
    Either(Vec<String>),
    /// An object whose keys are names.
    Map,
    /// Items.
    List,
    /// A condition.
    Condition,
    /// What is not drawn.
    Fixed,
    /// What has no controls of its own.
    Source,
}

/// A place in a meta-schema.
#[derive(Clone, Copy, Debug)]
pub struct Node<'s> {
    root: &'s Json,
    own: &'s Json,
    target: &'s Json,
}

impl<'s> Node<'s> {
    /// The whole definition; `None` for kinds that have no schema.
    pub fn of_kind(kind: DefinitionKind) -> Option<Node<'static>> {
        meta_schema(kind).map(Node::root)
    }

    /// The place of a schema itself.
    pub fn root(schema: &'s Json) -> Self {
        Self { root: schema, own: schema, target: schema }
    }

    fn at(&self, own: &'s Json) -> Self {
        let target = match own.get("$ref").and_then(Json::as_str).and_then(|to| to.strip_prefix('#')) {
            Some(pointer) => self.root.pointer(pointer).unwrap_or(own),
            None => own,
        };
        Self { root: self.root, own, target }
    }

    /// A text of the schema: that of the place, or of what it refers to.
    pub fn text(&self, key: &str) -> &'s str {
        let own = self.own.get(key).and_then(Json::as_str);
        own.or_else(|| self.target.get(key).and_then(Json::as_str)).unwrap_or_default()
    }

    /// The name of the part that the place refers to; empty when it says itself what may stand there.
    pub fn part(&self) -> &'s str {
        let to = self.own.get("$ref").and_then(Json::as_str).unwrap_or_default();
        to.strip_prefix("#/$defs/").unwrap_or_default()
    }

    /// A keyword of the schema.
    pub fn keyword(&self, key: &str) -> Option<&'s Json> {
        self.own.get(key).or_else(|| self.target.get(key))
    }

    /// Whether only layers say this key: `after` is the time of some items, and the place of all others.
    pub fn is_of_layers(&self, key: &str) -> bool {
        OF_LAYERS.contains(&key) || (key == "after" && self.text("description").starts_with(IN_A_LAYER))
    }

    fn types(&self) -> Vec<&'s str> {
        let listed = match self.target.get("type") {
            Some(Json::String(one)) => vec![one.as_str()],
            Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        listed.into_iter().filter(|one| *one != "null").collect()
    }

    /// Whether one value or several are texts, and nothing else.
    pub fn is_of_texts(&self) -> bool {
        self.types().iter().all(|one| matches!(*one, "string" | "array"))
    }

    /// The words that are allowed, when only some are.
    pub fn words(&self) -> Vec<String> {
        let list = self.target.get("enum").and_then(Json::as_array).into_iter().flatten();
        list.filter_map(Json::as_str).map(str::to_owned).collect()
    }

    /// The words that are allowed where an object may stand, too.
    fn words_beside(&self) -> Vec<String> {
        let list = self.target.pointer("/else/enum").and_then(Json::as_array).into_iter().flatten();
        list.filter_map(Json::as_str).map(str::to_owned).collect()
    }

    /// The object that may stand where words may.
    pub fn beside(&self) -> Option<Self> {
        let is_object = self.target.pointer("/if/type").and_then(Json::as_str) == Some("object");
        let then = self.target.get("then").filter(|_| is_object).map(|then| self.at(then));
        then.filter(|then| then.target.get("properties").is_some())
    }

    /// What may stand there.
    pub fn sort(&self) -> Sort {
        if self.own.get("$ref").and_then(Json::as_str) == Some(CONDITION) {
            return Sort::Condition;
        }
        if self.target.get("const").is_some() {
            return Sort::Fixed;
        }
        if let Some(list) = self.target.get("enum").and_then(Json::as_array) {
            let is_plain = list.iter().all(|one| one.is_string() || one.is_null());
            return if is_plain { Sort::Choice(self.words()) } else { Sort::Any };
        }
        let types = self.types();
        let is =
            |wanted: &[&str]| types.len() == wanted.len() && wanted.iter().all(|one| types.contains(one));
        let has = |one: &str| types.contains(&one);
        if has("array") && self.target.get("items").is_some() && (is(&["array"]) || is(&["array", "object"]))
        {
            return self.list();
        }
        if is(&["object"]) {
            return if self.target.get("properties").is_some() || self.target.get("allOf").is_some() {
                Sort::Object
            } else if self.target.get("additionalProperties").is_some_and(Json::is_object) {
                Sort::Map
            } else {
                Sort::Source
            };
        }
        if is(&["string", "object"]) && self.target.pointer("/properties/field").is_some() {
            return Sort::Short("field");
        }
        match types.as_slice() {
            ["boolean"] => Sort::Flag,
            ["integer"] => Sort::Number(true),
            ["number"] => Sort::Number(false),
            ["string"] => {
                let length = self.target.get("maxLength").and_then(Json::as_u64).unwrap_or_default();
                Sort::Text(length > LINE)
            }
            [] => Sort::Any,
            _ if has("object") => match self.words_beside() {
                words if !words.is_empty() && self.beside().is_some() => Sort::Either(words),
                _ => Sort::Any,
            },
            _ if has("array") => Sort::Several,
            _ => Sort::Scalar,
        }
    }

    fn list(&self) -> Sort {
        let Some(item) = self.item() else { return Sort::Source };
        let is_set = self.target.get("uniqueItems") == Some(&Json::Bool(true));
        match item.sort() {
            Sort::Choice(words) if is_set => Sort::Ticks(words),
            Sort::List | Sort::Ticks(_) | Sort::Map | Sort::Source | Sort::Condition => Sort::Source,
            _ => Sort::List,
        }
    }

    /// What the items of a list are.
    pub fn item(&self) -> Option<Self> {
        self.target.get("items").map(|items| self.at(items))
    }

    /// What the members of a map are.
    pub fn entry(&self) -> Option<Self> {
        self.target.get("additionalProperties").filter(|one| one.is_object()).map(|one| self.at(one))
    }

    /// The known keys, with what may stand at each when this stands there.
    pub fn members(&self, value: Option<&Json>) -> Vec<(&'s str, Self)> {
        let mut found: Vec<(&'s str, Self)> = Vec::new();
        let mut forbidden: Vec<&str> = Vec::new();
        self.gather(value, &mut found, &mut forbidden, 0);
        found.retain(|(key, _)| {
            let is_there = value.is_some_and(|value| value.get(key).is_some_and(|one| !one.is_null()));
            is_there || !forbidden.contains(key)
        });
        found.retain(|(key, member)| !member.is_of_layers(key));
        found
    }

    /// Keys of what stands here that another variant of it knows, and not the one that was chosen.
    pub fn strange(&self, value: &Json) -> Vec<String> {
        let mut known: Vec<(&'s str, Self)> = Vec::new();
        self.gather(Some(value), &mut known, &mut Vec::new(), 0);
        let others: Vec<&str> =
            self.variants().into_iter().flat_map(|(_, node)| node.stated()).map(|(key, _)| key).collect();
        let keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
        keys.filter(|key| !known.iter().any(|(one, _)| one == key) && others.contains(&key.as_str()))
            .cloned()
            .collect()
    }

    /// Keys that what stands here has no use for.
    pub fn forbidden(&self, value: Option<&Json>) -> Vec<&'s str> {
        let (mut found, mut forbidden) = (Vec::new(), Vec::new());
        self.gather(value, &mut found, &mut forbidden, 0);
        forbidden
    }

    fn gather(
        &self,
        value: Option<&Json>,
        found: &mut Vec<(&'s str, Self)>,
        forbidden: &mut Vec<&'s str>,
        depth: usize,
    ) {
        if depth > 4 {
            return;
        }
        for (key, own) in self.target.get("properties").and_then(Json::as_object).into_iter().flatten() {
            match own {
                Json::Bool(false) => forbidden.push(key),
                Json::Object(_) if !found.iter().any(|(known, _)| known == key) => {
                    found.push((key, self.at(own)));
                }
                _ => {}
            }
        }
        let dependent = self.target.get("dependentSchemas").and_then(Json::as_object);
        for (key, then) in dependent.into_iter().flatten() {
            if value.is_some_and(|value| value.get(key).is_some_and(|one| !one.is_null())) {
                self.at(then).gather(value, found, forbidden, depth + 1);
            }
        }
        for one in self.target.get("allOf").and_then(Json::as_array).into_iter().flatten() {
            let part = self.at(one);
            match (part.target.get("if"), part.target.get("then"), part.target.get("else")) {
                (Some(asked), then, other) => {
                    let branch = if holds(asked, value) { then } else { other };
                    if let Some(branch) = branch {
                        part.at(branch).gather(value, found, forbidden, depth + 1);
                    }
                }
                (None, ..) => part.gather(value, found, forbidden, depth + 1),
            }
        }
    }

    /// The place of a key or index below this one; `value` is what stands here.
    pub fn step(&self, part: &str, value: Option<&Json>) -> Option<Self> {
        match self.sort() {
            Sort::List | Sort::Several => {
                part.parse::<usize>().ok()?;
                self.item()
            }
            Sort::Map => self.entry(),
            Sort::Either(_) => self.beside()?.step(part, value),
            _ => self.members(value).into_iter().find(|(key, _)| *key == part).map(|(_, node)| node),
        }
    }

    /// The keys that the place itself names, whatever stands there.
    pub fn stated(&self) -> Vec<(&'s str, Self)> {
        let all = self.target.get("properties").and_then(Json::as_object).into_iter().flatten();
        all.filter(|(_, own)| own.is_object()).map(|(key, own)| (key.as_str(), self.at(own))).collect()
    }

    /// The variants among which a word at `do` chooses.
    pub fn variants(&self) -> Vec<(String, Self)> {
        let all = self.target.get("allOf").and_then(Json::as_array).into_iter().flatten();
        all.filter_map(|one| {
            let word = one.pointer("/if/properties/do/const")?.as_str()?;
            Some((word.to_owned(), self.at(one.get("then")?)))
        })
        .collect()
    }

    /// What the parts of a definition must have that stands alone: the same shape, as the schema says it below `complete`.
    pub fn completion(&self) -> Option<Self> {
        self.root.pointer("/$defs/complete").map(|own| self.at(own))
    }

    /// Whether a key must be there.
    pub fn requires(&self, key: &str, value: Option<&Json>) -> bool {
        let says = |schema: &Json| {
            let list = schema.get("required").and_then(Json::as_array);
            list.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(key)))
        };
        if says(self.target) {
            return true;
        }
        let mut parts = self.target.get("allOf").and_then(Json::as_array).into_iter().flatten();
        parts.any(|one| match (one.get("if"), one.get("then")) {
            (Some(asked), Some(then)) => holds(asked, value) && self.at(then).requires(key, value),
            _ => false,
        }) || match (self.target.get("if"), self.target.get("then")) {
            (Some(asked), Some(then)) => holds(asked, value) && self.at(then).requires(key, value),
            _ => false,
        }
    }

    /// The same place in what is said of completeness.
    pub fn narrowed(&self, part: &str) -> Option<Self> {
        if part.parse::<usize>().is_ok() {
            return self.item();
        }
        self.target
            .get("properties")
            .and_then(|all| all.get(part))
            .filter(|one| one.is_object())
            .map(|one| self.at(one))
    }
}

/// Whether an `if` of a meta-schema holds: these ask for words that stand at keys, and for keys that are there.
fn holds(asked: &Json, value: Option<&Json>) -> bool {
    let at = |key: &str| value.and_then(|value| value.get(key));
    let all = |list: Option<&Json>| -> bool {
        let mut required = list.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        required.all(|key| at(key).is_some())
    };
    if let Some(kind) = asked.get("type").and_then(Json::as_str) {
        let is_it = matches!(
            (kind, value),
            ("object", Some(Json::Object(_)))
                | ("array", Some(Json::Array(_)))
                | ("string", Some(Json::String(_)))
                | ("boolean", Some(Json::Bool(_)))
        );
        if !is_it {
            return false;
        }
    }
    let properties = asked.get("properties").and_then(Json::as_object).into_iter().flatten();
    all(asked.get("required"))
        && properties.into_iter().all(|(key, one)| match at(key) {
            None => true,
            Some(found) => fits(one, found),
        })
}

fn fits(schema: &Json, found: &Json) -> bool {
    if let Some(wanted) = schema.get("const") {
        return wanted == found;
    }
    if let Some(list) = schema.get("enum").and_then(Json::as_array) {
        return list.contains(found);
    }
    if let Some(inner) = schema.get("not") {
        return !fits(inner, found);
    }
    true
}

/// The node at a JSON pointer into a definition.
pub fn at_pointer<'s>(root: Node<'s>, whole: &Json, pointer: &str) -> Option<Node<'s>> {
    let mut node = root;
    let mut value = Some(whole);
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        node = node.step(&part, value)?;
        value = value.and_then(|value| match value {
            Json::Array(list) => list.get(part.parse::<usize>().ok()?),
            other => other.get(&part),
        });
    }
    Some(node)
}

/// Whether a definition that stands alone must say something at a JSON pointer.
pub fn is_required(root: Node<'_>, whole: &Json, pointer: &str) -> bool {
    let Some((above, key)) = pointer.rsplit_once('/') else { return false };
    let holder = whole.pointer(above);
    let mut complete = root.completion();
    for part in above.split('/').skip(1) {
        complete = complete.and_then(|node| node.narrowed(part));
    }
    complete.is_some_and(|node| node.requires(key, holder))
        || at_pointer(root, whole, above).is_some_and(|node| node.requires(key, holder))
}

#[cfg(test)]
mod tests;
