//! A template's resources, before anything is made of them: [`Template::resources`].

use super::document::{Kind, Node, Place};
use super::evaluate::{Evaluator, Failure};
use serde_json::Value;

/// A template.
#[derive(Debug)]
pub(crate) struct Template<'t> {
    node: &'t Node,
}

/// A resource that a template makes.
#[derive(Debug)]
pub(crate) struct Resource<'t> {
    /// Its name in the template, where that has names for them.
    pub(crate) symbolic: Option<String>,
    /// Its full name: `parent/child`.
    pub(crate) name: String,
    /// Its full type: `Microsoft.App/containerApps`.
    pub(crate) kind: String,
    /// The api-version to make it with.
    pub(crate) version: String,
    /// Its id.
    pub(crate) id: String,
    /// What it waits for, as written: names, ids, symbolic names, names of loops.
    pub(crate) waits_for: Vec<(String, Place)>,
    /// The loop that it is of, and which round.
    pub(crate) round: Option<(String, usize)>,
    /// It is there already, and only referred to.
    pub(crate) existing: bool,
    /// What is written for it.
    pub(crate) node: &'t Node,
}

/// What a resource has beside its body.
const NOT_SENT: [&str; 12] = [
    "apiVersion",
    "name",
    "type",
    "dependsOn",
    "condition",
    "copy",
    "scope",
    "comments",
    "metadata",
    "resources",
    "existing",
    "import",
];

impl<'t> Template<'t> {
    /// Takes a template.
    pub(crate) fn read(node: &'t Node) -> Result<Self, Failure> {
        if !matches!(node.kind, Kind::Object(_)) {
            return Err(Failure::at("The template is no JSON object.", node.place));
        }
        for needed in ["$schema", "contentVersion", "resources"] {
            if node.get(needed).is_none() {
                let message = format!(
                    "Required property '{needed}' not found in JSON. Path '', line {}, position {}.",
                    node.place.line, node.place.column
                );
                return Err(Failure::at(message, node.place));
            }
        }
        for unknown in ["functions", "imports", "definitions"] {
            let there = node
                .get(unknown)
                .filter(|there| !there.members().is_empty() || !there.items().is_empty());
            if let Some(there) = there {
                return Err(Failure::NotEmulated {
                    function: format!("'{unknown}' of a template"),
                    place: there.place,
                });
            }
        }
        Ok(Self { node })
    }

    pub(crate) fn parameters(&self) -> Option<&'t Node> {
        self.node.get("parameters")
    }

    pub(crate) fn variables(&self) -> Option<&'t Node> {
        self.node.get("variables")
    }

    /// The outputs: name and what is written for it.
    pub(crate) fn outputs(&self) -> &'t [(String, Node)] {
        self.node.get("outputs").map_or(&[], Node::members)
    }

    /// Its resources: loops gone round, conditions asked, children beside their parents. `scope` is
    /// where they go unless they say otherwise.
    pub(crate) fn resources(
        &self,
        evaluator: &Evaluator<'_>,
        scope: &str,
    ) -> Result<Vec<Resource<'t>>, Failure> {
        let mut all = Vec::new();
        let Some(resources) = self.node.get("resources") else {
            return Ok(all);
        };
        let mut adding = Adding {
            evaluator,
            scope,
            all: &mut all,
        };
        for node in resources.items() {
            adding.add(node, None, None)?;
        }
        for (symbolic, node) in resources.members() {
            adding.add(node, Some(symbolic), None)?;
        }
        Ok(all)
    }
}

impl Resource<'_> {
    /// The body that makes it.
    pub(crate) fn body(&self, evaluator: &Evaluator<'_>) -> Result<Value, Failure> {
        let sent = |name: &str| !NOT_SENT.iter().any(|not| not.eq_ignore_ascii_case(name));
        let members = self.node.members().iter().filter(|(name, _)| sent(name));
        // The expressions of a template inside are its own unless it says that they are ours.
        let inner = self
            .kind
            .eq_ignore_ascii_case("Microsoft.Resources/deployments")
            && self
                .node
                .get("properties")
                .and_then(|properties| properties.get("expressionEvaluationOptions"))
                .and_then(|options| options.get("scope"))
                .and_then(Node::text)
                .is_some_and(|scope| scope.eq_ignore_ascii_case("inner"));
        let work = || {
            let member = |(name, node): &(String, Node)| {
                let value = if inner && name.eq_ignore_ascii_case("properties") {
                    inner_deployment(node, evaluator)
                } else {
                    evaluator.value(node)
                };
                Ok((name.clone(), value?))
            };
            members.map(member).collect::<Result<_, Failure>>()
        };
        let members = match &self.round {
            Some((name, index)) => evaluator.in_loop(name, *index, work),
            None => work(),
        };
        Ok(Value::Object(members?))
    }

    /// Whether `named` means this one.
    pub(crate) fn is(&self, named: &str) -> bool {
        let same = |own: &str| own.eq_ignore_ascii_case(named);
        let last = self.name.rsplit('/').next().unwrap_or_default();
        let loop_name = self.round.as_ref().is_some_and(|(name, _)| same(name));
        let partly = || {
            // `A.B/types/name`, an id without its scope.
            let named = named.trim_start_matches('/').to_ascii_lowercase();
            named.contains('/') && self.id.to_ascii_lowercase().ends_with(&format!("/{named}"))
        };
        same(&self.id)
            || same(&self.name)
            || same(last)
            || self.symbolic.as_deref().is_some_and(same)
            || loop_name
            || partly()
    }
}

fn inner_deployment(node: &Node, evaluator: &Evaluator<'_>) -> Result<Value, Failure> {
    let member = |(name, node): &(String, Node)| {
        let value = if name.eq_ignore_ascii_case("template") {
            Ok(node.value())
        } else {
            evaluator.value(node)
        };
        Ok((name.clone(), value?))
    };
    let members = node.members().iter().map(member);
    Ok(Value::Object(members.collect::<Result<_, Failure>>()?))
}

/// What a child takes from its parent.
#[derive(Clone, Copy)]
struct Parent<'p> {
    kind: &'p str,
    name: &'p str,
    scope: &'p str,
}

struct Adding<'a, 'e, 't> {
    evaluator: &'a Evaluator<'e>,
    scope: &'a str,
    all: &'a mut Vec<Resource<'t>>,
}

impl<'t> Adding<'_, '_, 't> {
    /// Adds a resource once, or once for each round of its loop.
    fn add(
        &mut self,
        node: &'t Node,
        symbolic: Option<&str>,
        parent: Option<Parent<'_>>,
    ) -> Result<(), Failure> {
        let evaluator = self.evaluator;
        let Some(copy) = node.get("copy") else {
            return self.add_one(node, symbolic, parent, None);
        };
        let count = evaluator.count(copy)?;
        let name = copy.get("name").and_then(Node::text).unwrap_or_default();
        for index in 0..count {
            let round = Some((name.to_owned(), index));
            evaluator.in_loop(name, index, || self.add_one(node, symbolic, parent, round))?;
        }
        Ok(())
    }

    fn add_one(
        &mut self,
        node: &'t Node,
        symbolic: Option<&str>,
        parent: Option<Parent<'_>>,
        round: Option<(String, usize)>,
    ) -> Result<(), Failure> {
        let text = |key: &str| -> Result<String, Failure> {
            let member = node.get(key).ok_or_else(|| {
                let name = node.get("name").and_then(Node::text).unwrap_or_default();
                let message = format!(
                    "The template resource '{name}' at line '{}' and column '{}' is not valid. The \
                     '{key}' property is required. Please see https://aka.ms/arm-syntax-resources for \
                     usage details.",
                    node.place.line, node.place.column
                );
                Failure::at(message, node.place)
            })?;
            match self.evaluator.value(member)? {
                Value::String(text) => Ok(text),
                _ => Err(Failure::at(format!("'{key}' must be a text"), member.place)),
            }
        };
        let (mut kind, mut name) = (text("type")?, text("name")?);
        let mut scope = self.scope.to_owned();
        if let Some(parent) = parent {
            kind = format!("{}/{kind}", parent.kind);
            name = format!("{}/{name}", parent.name);
            parent.scope.clone_into(&mut scope);
        }
        if let Some(condition) = node.get("condition")
            && self.evaluator.value(condition)? == Value::Bool(false)
        {
            return Ok(());
        }
        if let Some(own) = node.get("scope") {
            let own_scope = text("scope")?;
            scope = match own_scope.starts_with('/') {
                true => own_scope,
                // `Microsoft.KeyVault/vaults/my-vault`, within the group.
                false => self
                    .evaluator
                    .value(own)?
                    .as_str()
                    .and_then(|named| relative(&scope, named))
                    .ok_or_else(|| Failure::at("'scope' is no id", own.place))?,
            };
        }
        let id = id(&scope, &kind, &name).ok_or_else(|| {
            let message = format!(
                "The template resource '{name}' for type '{kind}' at line '{}' and column '{}' has \
                 incorrect segment lengths. A nested resource type must have identical number of \
                 segments as its resource name. A root resource type must have segment length one \
                 greater than its resource name. Please see https://aka.ms/arm-template/#resources for \
                 usage details.",
                node.place.line, node.place.column
            );
            Failure::at(message, node.place)
        })?;
        let existing = node
            .get("existing")
            .is_some_and(|e| e.value() == Value::Bool(true));
        let version = text("apiVersion")?;
        let mut waits_for = Vec::new();
        for item in node.get("dependsOn").map_or(&[][..], Node::items) {
            if let Value::String(named) = self.evaluator.value(item)? {
                waits_for.push((named, item.place));
            }
        }
        self.all.push(Resource {
            symbolic: symbolic.map(str::to_owned),
            name: name.clone(),
            kind: kind.clone(),
            version,
            id,
            waits_for,
            round,
            existing,
            node,
        });
        for child in node.get("resources").map_or(&[][..], Node::items) {
            let parent = Parent {
                kind: &kind,
                name: &name,
                scope: &scope,
            };
            self.add(child, None, Some(parent))?;
        }
        Ok(())
    }
}

/// The id of a resource by its type and name, which go in turn.
fn id(scope: &str, kind: &str, name: &str) -> Option<String> {
    let mut kinds = kind.split('/');
    let mut names = name.split('/');
    let mut id = format!("{scope}/providers/{}", kinds.next()?);
    let mut any = false;
    for kind in kinds {
        id = format!(
            "{id}/{kind}/{}",
            names.next().filter(|name| !name.is_empty())?
        );
        any = true;
    }
    (any && names.next().is_none()).then_some(id)
}

/// The id of `A.B/types/name` within a scope.
fn relative(scope: &str, named: &str) -> Option<String> {
    let (namespace, rest) = named.split_once('/')?;
    let segments = rest.split('/').count();
    (namespace.contains('.') && segments % 2 == 0).then(|| format!("{scope}/providers/{named}"))
}
