//! What expressions come to: [`Evaluator`].

use super::document::{Kind, Node, Place};
use super::expression::{self, Expression, Meaning};
use super::functions;
use super::ids::{id, member, resource_id, wrong_segments};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What a template sees of where it is deployed.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// `subscription()`.
    pub(crate) subscription: Value,
    /// `resourceGroup()`.
    pub(crate) group: Value,
    /// `tenant()`.
    pub(crate) tenant: Value,
    /// `deployment()`.
    pub(crate) deployment: Value,
    /// The time, for `utcNow()`, as ISO 8601 without punctuation: `20261121T191500Z`.
    pub(crate) now: String,
}

/// What only Azure knows, and a template asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// `reference(id)`: a resource as it is.
    Reference {
        /// The resource's id.
        id: String,
        /// The api-version, if the template says one.
        version: Option<String>,
    },
    /// `listKeys(id, version)` and the like: a POST to the resource.
    List {
        /// The resource's id.
        id: String,
        /// What is asked: `listKeys`.
        function: String,
        /// The api-version.
        version: String,
    },
}

/// Why an expression comes to nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// The template is wrong, at this place if it has one.
    Invalid {
        message: String,
        place: Place,
        /// The JSON path of what is wrong, where that is known.
        path: String,
    },
    /// Azure knows this function, and the emulator does not.
    NotEmulated { function: String, place: Place },
    /// This has to be known first.
    Needs(Need),
}

impl Failure {
    pub(super) fn at(message: impl Into<String>, place: Place) -> Self {
        Self::Invalid {
            message: message.into(),
            place,
            path: String::new(),
        }
    }
}

/// Works expressions out. Names of parameters and variables are read without case.
pub(crate) struct Evaluator<'t> {
    surroundings: &'t Surroundings,
    parameters: BTreeMap<String, Value>,
    variables: BTreeMap<String, &'t Node>,
    /// Variables that were worked out; `None` while one is being worked out.
    worked_out: RefCell<BTreeMap<String, Option<Value>>>,
    /// Resources of the template by name (symbolic or their own), with their ids.
    names: BTreeMap<String, String>,
    /// What is known of what is deployed.
    known: BTreeMap<Need, Value>,
    /// The loops around: name, lower case, and index.
    loops: RefCell<Vec<(String, usize)>>,
}

impl<'t> Evaluator<'t> {
    /// For the variables of a template.
    pub(crate) fn new(surroundings: &'t Surroundings, variables: Option<&'t Node>) -> Self {
        let members = variables.map_or(&[][..], Node::members);
        Self {
            surroundings,
            parameters: BTreeMap::new(),
            variables: members
                .iter()
                .map(|(name, node)| (name.to_ascii_lowercase(), node))
                .collect(),
            worked_out: RefCell::default(),
            names: BTreeMap::new(),
            known: BTreeMap::new(),
            loops: RefCell::default(),
        }
    }

    /// Sets a parameter.
    pub(crate) fn set_parameter(&mut self, name: &str, value: Value) {
        self.parameters.insert(name.to_ascii_lowercase(), value);
    }

    /// Tells under which id a resource of the template is made.
    pub(crate) fn set_name(&mut self, name: &str, id: &str) {
        self.names.insert(name.to_ascii_lowercase(), id.to_owned());
    }

    /// The id of a resource that the template names: by an id, a name or a symbolic name.
    pub(crate) fn id_of(&self, name: &str) -> Option<String> {
        if name.starts_with('/') {
            return Some(name.to_owned());
        }
        self.names.get(&name.to_ascii_lowercase()).cloned()
    }

    /// Answers what was needed.
    pub(crate) fn learn(&mut self, need: Need, answer: Value) {
        self.known.insert(need, answer);
    }

    /// Works out what is inside a loop.
    pub(crate) fn in_loop<T>(&self, name: &str, index: usize, work: impl FnOnce() -> T) -> T {
        let round = (name.to_ascii_lowercase(), index);
        self.loops.borrow_mut().push(round);
        let result = work();
        self.loops.borrow_mut().pop();
        result
    }

    /// A value with each expression in it worked out.
    pub(crate) fn value(&self, node: &Node) -> Result<Value, Failure> {
        match &node.kind {
            Kind::Scalar(value) => Ok(value.clone()),
            Kind::Text(text) => self.text(text, node.place),
            Kind::Array(items) => {
                let items = items.iter().map(|item| self.value(item));
                Ok(Value::Array(items.collect::<Result<_, _>>()?))
            }
            Kind::Object(members) => self.object(members),
        }
    }

    fn object(&self, members: &[(String, Node)]) -> Result<Value, Failure> {
        let mut map = Map::new();
        for (key, node) in members {
            let loops = node.items();
            let is_loops = |loops: &[Node]| loops.iter().all(|one| one.get("input").is_some());
            if key.eq_ignore_ascii_case("copy") && !loops.is_empty() && is_loops(loops) {
                self.copies(loops, &mut map)?;
                continue;
            }
            let Value::String(key) = self.text(key, node.place)? else {
                let message = format!("the name of a property, '{key}', comes to no text");
                return Err(Failure::at(message, node.place));
            };
            map.insert(key, self.value(node)?);
        }
        Ok(Value::Object(map))
    }

    /// `copy` among properties: each of its loops makes an array.
    fn copies(&self, loops: &[Node], map: &mut Map<String, Value>) -> Result<(), Failure> {
        for one in loops {
            let (Some(name), Some(input)) = (one.get("name"), one.get("input")) else {
                return Err(Failure::at(
                    "a 'copy' needs 'name', 'count' and 'input'",
                    one.place,
                ));
            };
            let name = name.text().unwrap_or_default();
            let count = self.count(one)?;
            let items = (0..count).map(|index| self.in_loop(name, index, || self.value(input)));
            map.insert(
                name.to_owned(),
                Value::Array(items.collect::<Result<_, _>>()?),
            );
        }
        Ok(())
    }

    /// How often a `copy` goes round.
    pub(crate) fn count(&self, copy: &Node) -> Result<usize, Failure> {
        /// As Resource Manager has it.
        const MOST: u64 = 800;
        let count = copy.get("count").map(|node| self.value(node)).transpose()?;
        let count = count.as_ref().and_then(Value::as_u64);
        let count = count.filter(|count| *count <= MOST);
        count
            .and_then(|count| usize::try_from(count).ok())
            .ok_or_else(|| Failure::at("the 'count' of a 'copy' must be 0 to 800", copy.place))
    }

    fn text(&self, text: &str, place: Place) -> Result<Value, Failure> {
        match expression::meaning(text) {
            Meaning::Literal(text) => Ok(json!(text)),
            Meaning::Expression(inner) => {
                let parsed = expression::parse(inner).map_err(|error| {
                    let message = format!("Unable to parse language expression '{inner}': {error}");
                    Failure::at(message, place)
                })?;
                self.expression(&parsed, place)
            }
        }
    }

    fn expression(&self, expression: &Expression, place: Place) -> Result<Value, Failure> {
        match expression {
            Expression::Text(text) => Ok(json!(text)),
            Expression::Number(number) => Ok(json!(number)),
            Expression::Member { of, name, safe } => {
                member(&self.expression(of, place)?, name, *safe, place)
            }
            Expression::Index { of, index } => {
                let of = self.expression(of, place)?;
                match self.expression(index, place)? {
                    Value::String(name) => member(&of, &name, false, place),
                    index => {
                        let at = index.as_u64().and_then(|at| usize::try_from(at).ok());
                        let item = at.and_then(|at| of.as_array()?.get(at));
                        item.cloned().ok_or_else(|| {
                            let message = format!(
                                "The language expression property array index '{index}' is out of \
                                 bounds."
                            );
                            Failure::at(message, place)
                        })
                    }
                }
            }
            Expression::Call { name, arguments } => self.call(name, arguments, place),
        }
    }

    fn call(&self, name: &str, arguments: &[Expression], place: Place) -> Result<Value, Failure> {
        let lower = name.to_ascii_lowercase();
        // Only the branch that is taken is worked out.
        if let ("if", [condition, then, otherwise]) = (lower.as_str(), arguments) {
            let taken = match self.expression(condition, place)? {
                Value::Bool(true) => then,
                Value::Bool(false) => otherwise,
                _ => {
                    return Err(Failure::at(
                        "the condition of 'if' must be a boolean",
                        place,
                    ));
                }
            };
            return self.expression(taken, place);
        }
        let values = arguments.iter().map(|one| self.expression(one, place));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let first = || values.first().and_then(Value::as_str).unwrap_or_default();
        let here = self.surroundings;
        match lower.as_str() {
            "parameters" => self.parameter(first(), place),
            "variables" => self.variable(first(), place),
            "resourcegroup" if values.is_empty() => Ok(here.group.clone()),
            "subscription" if values.is_empty() => Ok(here.subscription.clone()),
            "tenant" => Ok(here.tenant.clone()),
            "deployment" => Ok(here.deployment.clone()),
            "utcnow" if values.is_empty() => Ok(json!(here.now)),
            "newguid" => Ok(json!(uuid::Uuid::new_v4().to_string())),
            "copyindex" => self.copy_index(&values, place),
            "resourceid" => resource_id(here, &values, place),
            "subscriptionresourceid" => {
                let scope = here.subscription["id"].as_str().unwrap_or_default();
                id(scope, &values).ok_or_else(|| wrong_segments(name, place))
            }
            "tenantresourceid" => id("", &values).ok_or_else(|| wrong_segments(name, place)),
            "extensionresourceid" => {
                let rest = values.get(1..).unwrap_or_default();
                id(first(), rest).ok_or_else(|| wrong_segments(name, place))
            }
            "reference" => self.reference(&values, place),
            list if list.starts_with("list") && values.len() >= 2 => {
                let version = values.get(1).and_then(Value::as_str);
                let need = Need::List {
                    id: self.id_of(first()).unwrap_or_default(),
                    function: name.to_owned(),
                    version: version.unwrap_or_default().to_owned(),
                };
                self.known.get(&need).cloned().ok_or(Failure::Needs(need))
            }
            _ => match functions::call(&lower, &values) {
                Some(Ok(value)) => Ok(value),
                Some(Err(message)) => {
                    let message =
                        format!("Unable to evaluate template function '{name}': {message}");
                    Err(Failure::at(message, place))
                }
                None if functions::AZURE_KNOWS.contains(&lower.as_str()) => {
                    Err(Failure::NotEmulated {
                        function: name.to_owned(),
                        place,
                    })
                }
                None => Err(Failure::at(
                    format!(
                        "The template function '{name}' is not valid. Please see \
                         https://aka.ms/arm-functions for usage details."
                    ),
                    place,
                )),
            },
        }
    }

    fn parameter(&self, name: &str, place: Place) -> Result<Value, Failure> {
        let value = self.parameters.get(&name.to_ascii_lowercase()).cloned();
        value.ok_or_else(|| {
            Failure::at(
                format!(
                    "The template parameter '{name}' is not found. Please see \
                     https://aka.ms/arm-syntax-parameters for usage details."
                ),
                place,
            )
        })
    }

    fn variable(&self, name: &str, place: Place) -> Result<Value, Failure> {
        let key = name.to_ascii_lowercase();
        match self.worked_out.borrow().get(&key) {
            Some(Some(value)) => return Ok(value.clone()),
            Some(None) => {
                let message = format!("The template variable '{name}' is made from itself.");
                return Err(Failure::at(message, place));
            }
            None => {}
        }
        let node = self.variables.get(&key).ok_or_else(|| {
            Failure::at(
                format!(
                    "The template variable '{name}' is not found. Please see \
                     https://aka.ms/arm-syntax-variables for usage details."
                ),
                place,
            )
        })?;
        self.worked_out.borrow_mut().insert(key.clone(), None);
        let value = self.value(node);
        match &value {
            Ok(value) => self
                .worked_out
                .borrow_mut()
                .insert(key, Some(value.clone())),
            Err(_) => self.worked_out.borrow_mut().remove(&key),
        };
        value
    }

    /// `copyIndex()`, `copyIndex(1)`, `copyIndex('loop')`, `copyIndex('loop', 1)`.
    fn copy_index(&self, values: &[Value], place: Place) -> Result<Value, Failure> {
        let loops = self.loops.borrow();
        let (round, offset) = match values.first().and_then(Value::as_str) {
            Some(name) => {
                let name = name.to_ascii_lowercase();
                (
                    loops.iter().rev().find(|(own, _)| *own == name),
                    values.get(1),
                )
            }
            None => (loops.last(), values.first()),
        };
        let offset = offset.and_then(Value::as_i64).unwrap_or(0);
        let index = round.and_then(|(_, index)| i64::try_from(*index).ok());
        let index = index.ok_or_else(|| {
            let message = "The template function 'copyIndex' is not expected at this location.";
            Failure::at(message, place)
        })?;
        Ok(json!(index + offset))
    }

    /// `reference(nameOrId, [version], ['Full'])`: the properties, or all of it.
    fn reference(&self, values: &[Value], place: Place) -> Result<Value, Failure> {
        let named = values.first().and_then(Value::as_str).unwrap_or_default();
        let id = self.id_of(named).ok_or_else(|| {
            Failure::at(
                format!(
                    "The template resource reference '{named}' is not valid: could not find \
                     template resource or resource copy with this name. Please see \
                     https://aka.ms/arm-function-reference for usage details."
                ),
                place,
            )
        })?;
        let version = values.get(1).and_then(Value::as_str).map(str::to_owned);
        let need = Need::Reference { id, version };
        let Some(resource) = self.known.get(&need) else {
            return Err(Failure::Needs(need));
        };
        let full = values.get(2).and_then(Value::as_str);
        Ok(
            if full.is_some_and(|full| full.eq_ignore_ascii_case("full")) {
                resource.clone()
            } else {
                resource["properties"].clone()
            },
        )
    }
}
